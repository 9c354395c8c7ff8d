// TiedExecutor: a process's share of the simulator's one queue: when the process dies, what it
// still had to do is not done.
//
// Belongs to the simulator's thread.
#pragma once

#include <memory>
#include <utility>

#include "tests/support/manual_executor.h"

namespace rollcall::sim {

class TiedExecutor final : public base::Executor {
 public:
  explicit TiedExecutor(testing::ManualExecutor& queue) : queue_(queue) {}

  void Post(Task task) override { queue_.Post(Tie(std::move(task))); }
  TimerId PostAt(base::Instant when, Task task) override {
    return queue_.PostAt(when, Tie(std::move(task)));
  }
  bool Cancel(TimerId id) override { return queue_.Cancel(id); }

 private:
  Task Tie(Task task) {
    return [life = std::weak_ptr<const bool>(life_), task = std::move(task)]() mutable {
      if (!life.expired()) task();
    };
  }

  testing::ManualExecutor& queue_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace rollcall::sim
