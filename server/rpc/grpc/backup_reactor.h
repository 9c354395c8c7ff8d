// BackupReactor: one Backup call: writes a chunk, and asks for the next when gRPC has taken it.
//
// A reader that takes longer than kBackupStall for one chunk is cut off, for it holds a snapshot of
// the disk. Keeps itself alive until OnDone.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <string>

#include "client-sdk/base/mutex.h"
#include "rollcall/v1/operations.pb.h"
#include "server/rpc/backup_handler.h"
#include "server/rpc/grpc/call_stats.h"

namespace rollcall::rpc {

class BackupReactor final : public grpc::ServerWriteReactor<v1::BackupResponse> {
 public:
  // gRPC owns what is returned, until OnDone.
  static BackupReactor* Start(BackupHandler& handler, grpc::CallbackServerContext* context,
                              CallStats& stats);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  BackupReactor(BackupHandler& handler, grpc::CallbackServerContext* context, CallStats& stats)
      : handler_(handler), context_(context), stats_(stats) {}
  void Ask();
  void OnChunk(absl::StatusOr<std::string> chunk);
  // If the given write is still under way.
  void CutOff(uint64_t write);
  void End(const absl::Status& status);

  BackupHandler& handler_;
  grpc::CallbackServerContext* const context_;
  CallStats& stats_;
  std::shared_ptr<BackupReactor> self_;

  base::Mutex mu_;
  std::shared_ptr<BackupStream> stream_ ABSL_GUARDED_BY(mu_);  // null: finished
  v1::BackupResponse out_ ABSL_GUARDED_BY(mu_);                // must live until OnWriteDone
  uint64_t writes_ ABSL_GUARDED_BY(mu_) = 0;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  base::Executor::TimerId stall_ ABSL_GUARDED_BY(mu_){};
};

}  // namespace rollcall::rpc
