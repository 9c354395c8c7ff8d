// FakeStream: a KeepAlive stream that remembers what was sent on it. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/mutex.h"
#include "server/health/session_edges.h"

namespace rollcall::health {

class FakeStream final : public SessionStream {
 public:
  explicit FakeStream(std::string peer) : peer_(std::move(peer)) {}

  void Send(v1::KeepAliveResponse message) override {
    base::MutexLock lock(mu_);
    if (!closed_) sent_.push_back(std::move(message));
  }
  void Close(absl::Status status) override {
    base::MutexLock lock(mu_);
    if (!closed_) closed_ = std::move(status);
  }
  const std::string& peer() const override { return peer_; }

  // What was sent since the last call.
  std::vector<v1::KeepAliveResponse> TakeSent() {
    base::MutexLock lock(mu_);
    return std::exchange(sent_, {});
  }
  std::optional<absl::Status> closed() {
    base::MutexLock lock(mu_);
    return closed_;
  }

 private:
  const std::string peer_;
  base::Mutex mu_;
  std::vector<v1::KeepAliveResponse> sent_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::health
