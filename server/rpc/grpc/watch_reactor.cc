#include "server/rpc/grpc/watch_reactor.h"

#include <utility>

#include "client-sdk/base/tsan.h"
#include "server/rpc/grpc/grpc_frame.h"
#include "server/rpc/grpc/parse.h"
#include "server/rpc/grpc/status.h"

namespace rollcall::rpc {

WatchReactor::WatchReactor(feed::PublisherPool& pool, grpc::CallbackServerContext* context,
                           CallStats& stats)
    : pool_(pool), context_(context), stats_(stats), peer_(context->peer()) {}

WatchReactor* WatchReactor::Start(feed::PublisherPool& pool, grpc::CallbackServerContext* context,
                                  CallStats& stats) {
  std::shared_ptr<WatchReactor> self(new WatchReactor(pool, context, stats));
  self->self_ = self;
  self->id_ = pool.Add(self);
  // The client sees that it is connected before the first answer.
  self->StartSendInitialMetadata();
  self->ReadNext();
  return self.get();
}

void WatchReactor::ReadNext() {
  base::MutexLock lock(mu_);
  if (!finished_) StartRead(&in_);
}

void WatchReactor::OnReadDone(bool ok) {
  // A client that half-closes has said all it wants and goes on listening.
  if (!ok) return;
  v1::WatchRequest request;
  if (!ParseInto(in_, request)) {
    Close(absl::InvalidArgumentError("the message is not a rollcall.v1.WatchRequest"));
    return;
  }
  in_.Clear();
  // The next message is read when this one is handled: a client cannot pile up requests here.
  pool_.OnRequest(id_, std::move(request), [self = self_] { self->ReadNext(); });
}

void WatchReactor::Write(std::string prefix, std::shared_ptr<const feed::Frame> body) {
  base::MutexLock lock(mu_);
  if (finished_ || close_when_written_) {
    lock.Release();
    pool_.OnWritten(id_, false);
    return;
  }
  writing_ = true;
  out_ = Join(prefix, body.get());
  StartWrite(&out_);
}

void WatchReactor::OnWriteDone(bool ok) {
  {
    base::MutexLock lock(mu_);
    writing_ = false;
    if (close_when_written_) FinishLocked(*close_when_written_);
  }
  pool_.OnWritten(id_, ok);
}

void WatchReactor::Close(absl::Status status) {
  base::MutexLock lock(mu_);
  if (finished_ || close_when_written_) return;
  if (!writing_) {
    FinishLocked(status);
    return;
  }
  // A client that does not read holds the write, and the status behind it, for as long as it likes.
  const bool blocked = absl::IsResourceExhausted(status);
  close_when_written_ = std::move(status);
  if (blocked) context_->TryCancel();
}

void WatchReactor::FinishLocked(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  stats_.Count(Method::kWatch, status.code());
  Finish(ToGrpc(status));
}

void WatchReactor::OnCancel() {
  pool_.Remove(id_);
  {
    base::MutexLock lock(mu_);
    FinishLocked(close_when_written_.value_or(absl::CancelledError("the client went away")));
  }
  base::TsanRelease(this);
}

void WatchReactor::OnDone() {
  base::TsanAcquire(this);
  pool_.Remove(id_);
  std::shared_ptr<WatchReactor> last = std::move(self_);
}

}  // namespace rollcall::rpc
