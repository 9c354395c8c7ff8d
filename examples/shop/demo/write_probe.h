// WriteProbe: registers one static instance anew, with another version each time, for as long as it
// lives, at any node that takes it; and keeps when that was acknowledged.
//
// Its thread is its own. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"
#include "examples/shop/demo/moment.h"

namespace shop::demo {

class WriteProbe {
 public:
  explicit WriteProbe(const std::vector<std::string>& servers);
  ~WriteProbe();

  // The longest time without an acknowledged write within [from, to].
  absl::Duration LongestPause(Moment from, Moment to) const;
  // The longest that a refused or failed write kept its caller waiting.
  absl::Duration LongestRefusal(Moment from, Moment to) const;
  uint64_t acknowledged() const;
  uint64_t refused() const;
  // `version` was acknowledged last, or is of a later write whose outcome nobody heard: what the
  // registry has to hold.
  bool IsAsNew(const std::string& version) const;
  // Returns when no write is under way.
  void Stop();

 private:
  struct Refusal {
    Moment at;
    absl::Duration took;
  };
  void Run(const std::vector<std::string>& servers);

  std::atomic<bool> stop_{false};
  mutable rollcall::base::Mutex mu_;
  std::vector<Moment> acknowledged_ ABSL_GUARDED_BY(mu_);
  std::vector<Refusal> refusals_ ABSL_GUARDED_BY(mu_);
  uint64_t last_acknowledged_ ABSL_GUARDED_BY(mu_) = 0;
  std::thread thread_;
};

}  // namespace shop::demo
