// Recorder: the history as it is being made, by many threads. Thread-safe.
#pragma once

#include <algorithm>
#include <string>

#include "client-sdk/base/mutex.h"
#include "tests/integration/faults/history.h"

namespace rollcall::integration {

class Recorder {
 public:
  void Asked(const std::string& id) {
    base::MutexLock lock(mu_);
    history_.written[id] = {};
  }
  void Acknowledged(const std::string& id, uint64_t epoch) {
    base::MutexLock lock(mu_);
    std::vector<uint64_t>& epochs = history_.written[id].epochs;
    if (!epochs.empty() && epochs.back() == epoch) return;
    epochs.push_back(epoch);
    ++acknowledged_;
  }
  void Ending(const std::string& id) {
    base::MutexLock lock(mu_);
    history_.written[id].unsure = true;
  }
  void Ended(const std::string& id) {
    base::MutexLock lock(mu_);
    Written& written = history_.written[id];
    written.ended = true;
    written.unsure = false;
  }
  void Took(absl::Duration time) {
    base::MutexLock lock(mu_);
    history_.longest_answer = std::max(history_.longest_answer, time);
  }
  int acknowledged() const {
    base::MutexLock lock(mu_);
    return acknowledged_;
  }
  History history() const {
    base::MutexLock lock(mu_);
    return history_;
  }

 private:
  mutable base::Mutex mu_;
  History history_ ABSL_GUARDED_BY(mu_);
  int acknowledged_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace rollcall::integration
