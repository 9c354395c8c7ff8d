// Broadcaster: sends one buffer to all watch streams, connection by connection, as fast as gRPC
// takes it: the least that telling a change can cost.
//
// Thread-safe. As many threads as rollcalld has publishers; each has the streams of its share of
// the connections.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/mutex.h"

namespace rollcall::bench {

// One watch stream. Owns itself from the start until gRPC is done with it.
class BareWatch final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  static BareWatch* Start(class Broadcaster& broadcaster, grpc::CallbackServerContext* context);

  const std::string& peer() const { return peer_; }
  void Send(const grpc::ByteBuffer& message);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  BareWatch(Broadcaster& broadcaster, std::string peer)
      : broadcaster_(broadcaster), peer_(std::move(peer)) {}
  void End();

  Broadcaster& broadcaster_;
  const std::string peer_;
  std::shared_ptr<BareWatch> self_;
  grpc::ByteBuffer in_;

  base::Mutex mu_;
  grpc::ByteBuffer out_ ABSL_GUARDED_BY(mu_);
  std::deque<grpc::ByteBuffer> waiting_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

class Broadcaster {
 public:
  Broadcaster();

  void Add(std::shared_ptr<BareWatch> stream);
  void Remove(const std::shared_ptr<BareWatch>& stream);
  // Returns at once.
  void Tell(const grpc::ByteBuffer& message);

 private:
  struct Share {
    base::Mutex mu;
    base::CondVar told;
    // By connection.
    std::map<std::string, std::set<std::shared_ptr<BareWatch>>> streams ABSL_GUARDED_BY(mu);
    std::deque<grpc::ByteBuffer> messages ABSL_GUARDED_BY(mu);
  };
  Share& ShareOf(const BareWatch& stream);
  static void Run(Share& share);

  std::vector<std::unique_ptr<Share>> shares_;
  std::vector<std::thread> threads_;
};

}  // namespace rollcall::bench
