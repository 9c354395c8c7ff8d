// WatchReactor: one client's Watch stream between gRPC and the feed.
//
// gRPC calls the On… methods on its own threads, the publisher calls Write and Close on its. The
// reactor keeps itself alive until OnDone; the publisher may hold it longer and then writes into
// the void.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>

#include "client-sdk/base/mutex.h"
#include "server/feed/publisher_pool.h"
#include "server/feed/watch_stream.h"
#include "server/rpc/grpc/call_stats.h"

namespace rollcall::rpc {

class WatchReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public feed::WatchStream {
 public:
  // Joins the feed and reads on; gRPC owns what is returned, until OnDone.
  static WatchReactor* Start(feed::PublisherPool& pool, grpc::CallbackServerContext* context,
                             CallStats& stats);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Write(std::string prefix, std::shared_ptr<const feed::Frame> body) override;
  void Close(absl::Status status) override;
  const std::string& peer() const override { return peer_; }

 private:
  WatchReactor(feed::PublisherPool& pool, grpc::CallbackServerContext* context, CallStats& stats);
  void ReadNext();
  void FinishLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  feed::PublisherPool& pool_;
  grpc::CallbackServerContext* const context_;
  CallStats& stats_;
  const std::string peer_;
  feed::WatcherId id_;  // set before the first read
  std::shared_ptr<WatchReactor> self_;
  grpc::ByteBuffer in_;
  grpc::ByteBuffer out_;  // must live until OnWriteDone

  base::Mutex mu_;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::Status> close_when_written_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::rpc
