// KeepAliveReactor: one client's KeepAlive stream between gRPC and the session table.
//
// Messages are handed over on gRPC's thread (a heartbeat is one atomic store); answers may be sent
// from any thread, in the order of the calls, one write at a time. At most kMaxQueued wait; an
// acknowledgement replaces one that still waits, so only a client that does not read gets there,
// and is cut off.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client-sdk/base/mutex.h"
#include "rollcall/v1/registry.pb.h"
#include "server/catalog/view_table.h"
#include "server/health/keep_alive_protocol.h"
#include "server/health/session_edges.h"
#include "server/rpc/grpc/call_stats.h"

namespace rollcall::rpc {

// What stands in every answer of a KeepAlive stream. Thread-safe.
struct AnswerHead {
  const catalog::ViewTable& views;
  std::function<bool()> store_reachable;
};

class KeepAliveReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                               public health::SessionStream {
 public:
  static constexpr size_t kMaxQueued = 64;

  // Reads on; gRPC owns what is returned, until OnDone.
  static KeepAliveReactor* Start(health::SessionTable& table, AnswerHead head,
                                 grpc::CallbackServerContext* context, CallStats& stats);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Send(v1::KeepAliveResponse message) override;
  void Close(absl::Status status) override;
  const std::string& peer() const override { return peer_; }

 private:
  KeepAliveReactor(AnswerHead head, grpc::CallbackServerContext* context, CallStats& stats);
  void ReadNext();
  void WriteNextLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FinishLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const AnswerHead head_;
  grpc::CallbackServerContext* const context_;
  CallStats& stats_;
  const std::string peer_;
  std::unique_ptr<health::KeepAliveProtocol> protocol_;
  std::shared_ptr<KeepAliveReactor> self_;
  grpc::ByteBuffer in_;
  v1::KeepAliveRequest request_;
  grpc::ByteBuffer out_;  // must live until OnWriteDone

  base::Mutex mu_;
  std::deque<v1::KeepAliveResponse> queue_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> close_when_written_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::rpc
