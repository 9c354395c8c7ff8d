#include "server/rpc/grpc/backup_reactor.h"

#include <utility>

#include "server/model/limits.h"
#include "server/rpc/grpc/status.h"

namespace rollcall::rpc {

BackupReactor* BackupReactor::Start(BackupHandler& handler, grpc::CallbackServerContext* context,
                                    CallStats& stats) {
  std::shared_ptr<BackupReactor> self(new BackupReactor(handler, context, stats));
  self->self_ = self;
  absl::StatusOr<std::shared_ptr<BackupStream>> stream = handler.Begin();
  if (!stream.ok()) {
    stats.Count(Method::kBackup, stream.status().code());
    self->Finish(ToGrpc(stream.status()));
    return self.get();
  }
  {
    base::MutexLock lock(self->mu_);
    self->stream_ = *std::move(stream);
  }
  self->Ask();
  return self.get();
}

void BackupReactor::Ask() {
  std::shared_ptr<BackupStream> stream;
  {
    base::MutexLock lock(mu_);
    stream = stream_;
  }
  if (stream == nullptr) return;
  stream->Next(
      [self = self_](absl::StatusOr<std::string> chunk) { self->OnChunk(std::move(chunk)); });
}

void BackupReactor::OnChunk(absl::StatusOr<std::string> chunk) {
  if (!chunk.ok() || chunk->empty()) {
    End(chunk.status());
    return;
  }
  base::MutexLock lock(mu_);
  if (stream_ == nullptr) return;
  out_.set_chunk(*std::move(chunk));
  stall_ = handler_.executor().PostAt(handler_.clock().Steady() + kBackupStall,
                                      [self = self_, write = ++writes_] { self->CutOff(write); });
  writing_ = true;
  StartWrite(&out_);
}

void BackupReactor::OnWriteDone(bool ok) {
  {
    base::MutexLock lock(mu_);
    writing_ = false;
    handler_.executor().Cancel(stall_);
  }
  if (ok) {
    Ask();
  } else {
    End(absl::CancelledError("the client went away"));
  }
}

void BackupReactor::CutOff(uint64_t write) {
  base::MutexLock lock(mu_);
  // The status would wait behind the write that does not end.
  if (stream_ != nullptr && writing_ && writes_ == write) context_->TryCancel();
}

void BackupReactor::OnCancel() { End(absl::CancelledError("the client went away")); }

void BackupReactor::End(const absl::Status& status) {
  std::shared_ptr<BackupStream> last;
  base::MutexLock lock(mu_);
  if (stream_ == nullptr) return;
  last = std::move(stream_);
  stats_.Count(Method::kBackup, status.code());
  Finish(ToGrpc(status));
}

void BackupReactor::OnDone() {
  {
    base::MutexLock lock(mu_);
    handler_.executor().Cancel(stall_);
  }
  std::shared_ptr<BackupReactor> last = std::move(self_);
}

}  // namespace rollcall::rpc
