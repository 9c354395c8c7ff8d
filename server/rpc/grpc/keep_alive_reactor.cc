#include "server/rpc/grpc/keep_alive_reactor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/tsan.h"
#include "server/rpc/grpc/grpc_frame.h"
#include "server/rpc/grpc/parse.h"
#include "server/rpc/grpc/status.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {

KeepAliveReactor::KeepAliveReactor(AnswerHead head, grpc::CallbackServerContext* context,
                                   CallStats& stats)
    : head_(std::move(head)), context_(context), stats_(stats), peer_(context->peer()) {}

KeepAliveReactor* KeepAliveReactor::Start(health::SessionTable& table, AnswerHead head,
                                          grpc::CallbackServerContext* context, CallStats& stats) {
  std::shared_ptr<KeepAliveReactor> self(new KeepAliveReactor(std::move(head), context, stats));
  self->self_ = self;
  self->protocol_ = std::make_unique<health::KeepAliveProtocol>(table, self);
  self->StartSendInitialMetadata();
  self->ReadNext();
  return self.get();
}

void KeepAliveReactor::ReadNext() {
  base::MutexLock lock(mu_);
  if (!finished_) StartRead(&in_);
}

void KeepAliveReactor::OnReadDone(bool ok) {
  if (!ok) {
    protocol_->OnEnd(context_->IsCancelled() ? "the connection was lost or the call cancelled"
                                             : "the client closed it");
    Close(absl::OkStatus());
    return;
  }
  if (!ParseInto(in_, request_)) {
    protocol_->OnEnd("it sent a message that cannot be read");
    Close(absl::InvalidArgumentError("the message is not a rollcall.v1.KeepAliveRequest"));
    return;
  }
  in_.Clear();
  const absl::Status valid = request_.has_open() ? Validate(request_.open()) : absl::OkStatus();
  if (valid.ok()) {
    protocol_->OnMessage(request_);
  } else {
    protocol_->Refuse(valid);
  }
  ReadNext();
}

void KeepAliveReactor::Send(v1::KeepAliveResponse message) {
  message.set_revision(head_.views.applied().value());
  message.set_store_id(head_.views.store_id().value());
  message.set_store_reachable(head_.store_reachable());
  base::MutexLock lock(mu_);
  if (finished_ || close_when_written_) return;
  if (message.has_ack() && !queue_.empty() && queue_.back().has_ack()) {
    queue_.back() = std::move(message);
  } else {
    queue_.push_back(std::move(message));
  }
  if (!writing_) {
    WriteNextLocked();
  } else if (queue_.size() > kMaxQueued) {
    close_when_written_ = absl::ResourceExhaustedError(
        absl::StrCat("kMaxQueued: ", kMaxQueued, " messages wait for this client to read them"));
    context_->TryCancel();
  }
}

void KeepAliveReactor::WriteNextLocked() {
  if (queue_.empty()) return;
  out_ = Join(queue_.front().SerializeAsString(), nullptr);
  queue_.pop_front();
  writing_ = true;
  StartWrite(&out_);
}

void KeepAliveReactor::OnWriteDone(bool ok) {
  base::MutexLock lock(mu_);
  writing_ = false;
  if (!ok) queue_.clear();
  WriteNextLocked();
  if (!writing_ && close_when_written_) FinishLocked(*close_when_written_);
}

void KeepAliveReactor::Close(absl::Status status) {
  base::MutexLock lock(mu_);
  if (finished_ || close_when_written_) return;
  if (writing_) {
    close_when_written_ = std::move(status);
  } else {
    FinishLocked(status);
  }
}

void KeepAliveReactor::FinishLocked(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  queue_.clear();
  stats_.Count(Method::kKeepAlive, status.code());
  Finish(ToGrpc(status));
}

void KeepAliveReactor::OnCancel() {
  // A read is always under way, and fails now: OnReadDone tells the session table. What is left is
  // to finish, for nothing can be written any more.
  {
    base::MutexLock lock(mu_);
    FinishLocked(close_when_written_.value_or(absl::CancelledError("the client went away")));
  }
  base::TsanRelease(this);
}

void KeepAliveReactor::OnDone() {
  base::TsanAcquire(this);
  protocol_->OnEnd("it was closed");
  protocol_ = nullptr;  // It holds the stream, which is this.
  std::shared_ptr<KeepAliveReactor> last = std::move(self_);
}

}  // namespace rollcall::rpc
