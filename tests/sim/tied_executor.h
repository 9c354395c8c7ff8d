// TiedExecutor: a process's share of the simulator's one queue: when the process dies, what it
// still had to do is not done; while it is stopped, what falls due waits, in order.
//
// Belongs to the simulator's thread.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "client-sdk/base/executor.h"
#include "tests/sim/world/drifting_clock.h"

namespace rollcall::sim {

class TiedExecutor final : public base::Executor {
 public:
  // `clock`: by which its times are meant; null: by the queue's.
  explicit TiedExecutor(base::Executor& queue, const DriftingClock* clock = nullptr)
      : queue_(queue), clock_(clock) {}

  void Post(Task task) override { queue_.Post(Tie(std::move(task), nullptr)); }
  TimerId PostAt(base::Instant when, Task task) override {
    const auto id = std::make_shared<TimerId>();
    if (clock_ != nullptr) when = clock_->ToWorld(when);
    *id = queue_.PostAt(when, Tie(std::move(task), id));
    return *id;
  }
  bool Cancel(TimerId id) override {
    if (queue_.Cancel(id)) return true;
    for (auto held = held_.begin(); held != held_.end(); ++held) {
      if (held->id == nullptr || *held->id != id) continue;
      const Held dropped = std::move(*held);
      held_.erase(held);
      return true;
    }
    return false;
  }

  // As SIGSTOP and SIGCONT do.
  void SetFrozen(bool frozen) {
    frozen_ = frozen;
    if (frozen) return;
    for (size_t i = 0; i < held_.size(); ++i) Post([this] { RunHeld(); });
  }
  bool frozen() const { return frozen_; }

 private:
  struct Held {
    std::shared_ptr<const TimerId> id;
    Task task;
  };

  Task Tie(Task task, std::shared_ptr<const TimerId> id) {
    return [this, life = std::weak_ptr<const bool>(life_), task = std::move(task),
            id = std::move(id)]() mutable {
      if (life.expired()) return;
      if (frozen_) {
        held_.push_back({std::move(id), std::move(task)});
      } else {
        task();
      }
    };
  }
  void RunHeld() {
    if (held_.empty()) return;  // Some were cancelled.
    Task next = std::move(held_.front().task);
    held_.pop_front();
    next();
  }

  base::Executor& queue_;
  const DriftingClock* const clock_;
  bool frozen_ = false;
  std::deque<Held> held_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace rollcall::sim
