// SlowDisk: the thread of a node's disk: each of its tasks takes a while when the disk is slow, and
// none overtakes another.
//
// Belongs to the simulator's thread.
#pragma once

#include <algorithm>
#include <utility>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"

namespace rollcall::sim {

class SlowDisk final : public base::Executor {
 public:
  // Of the node's process.
  SlowDisk(base::Executor& executor, const base::Clock& clock)
      : executor_(executor), clock_(clock), free_(clock.Steady()) {}

  void SetTime(absl::Duration each) { each_ = each; }

  void Post(Task task) override {
    const base::Instant now = clock_.Steady();
    if (each_ == absl::ZeroDuration() && free_ <= now) return executor_.Post(std::move(task));
    free_ = std::max(free_, now) + each_;
    executor_.PostAt(free_, std::move(task));
  }
  TimerId PostAt(base::Instant when, Task task) override {
    return executor_.PostAt(std::max(when, free_), std::move(task));
  }
  bool Cancel(TimerId id) override { return executor_.Cancel(id); }

 private:
  base::Executor& executor_;
  const base::Clock& clock_;
  absl::Duration each_ = absl::ZeroDuration();
  // When what it has been given is done.
  base::Instant free_;
};

}  // namespace rollcall::sim
