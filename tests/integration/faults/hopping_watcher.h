// HoppingWatcher: watches the load on one node after another, a few seconds on each, resumes on
// each what it has from the one before, and remembers what it was told. Its thread is its own;
// thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/mutex.h"
#include "client-sdk/base/random.h"
#include "tests/integration/faults/history.h"
#include "tests/integration/support/raw_client.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::integration {

class HoppingWatcher {
 public:
  // Begins at the first of `channels`.
  HoppingWatcher(std::string name, std::vector<std::shared_ptr<grpc::Channel>> channels,
                 uint64_t seed);
  ~HoppingWatcher();

  Watched watched() const;

 private:
  void Run();
  void WatchOn(const std::shared_ptr<grpc::Channel>& channel, absl::Duration time);
  v1::WatchRequest Subscribe() const;
  void Take(const v1::WatchResponse& message, bool& replacing);

  const std::string name_;
  const std::vector<std::shared_ptr<grpc::Channel>> channels_;
  base::SeededRandom random_;
  Stopping stopping_;
  // Its thread's own: what it resumes from.
  uint64_t revision_ = 0;
  std::string store_id_;
  std::map<std::string, uint64_t> view_;

  mutable base::Mutex mu_;
  Watched watched_ ABSL_GUARDED_BY(mu_);
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::thread thread_;
};

}  // namespace rollcall::integration
