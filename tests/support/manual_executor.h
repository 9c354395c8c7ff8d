// ManualExecutor: an Executor that runs its tasks when the test says so, under a FakeClock.
//
// Deterministic: tasks run in order of the time they are due and, at one instant, in the order they
// were posted. Hand one executor to several components and all of them share one queue of events,
// as in the simulator.
//
// Post, PostAt and Cancel are thread-safe; the running of tasks belongs to the test's thread. Tasks
// left over are destroyed unrun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"
#include "tests/support/fake_clock.h"

namespace rollcall::testing {

class ManualExecutor final : public base::Executor {
 public:
  explicit ManualExecutor(FakeClock& clock) : clock_(clock) {}

  ~ManualExecutor() override {
    // A task's destructor may post or cancel: empty the queue piece by piece, unlocked.
    while (true) {
      Queue doomed;
      base::MutexLock lock(mu_);
      if (queue_.empty()) break;
      doomed.swap(queue_);
      due_.clear();
      lock.Release();
    }
  }

  void Post(Task task) override { Add(clock_.Steady(), std::move(task)); }
  TimerId PostAt(base::Instant when, Task task) override {
    return TimerId{Add(when, std::move(task))};
  }
  bool Cancel(TimerId id) override {
    Task dropped;  // Destroyed after the lock is given back.
    base::MutexLock lock(mu_);
    const auto due = due_.find(static_cast<uint64_t>(id));
    if (due == due_.end()) return false;
    const auto at = queue_.find({due->second, due->first});
    dropped = std::move(at->second);
    queue_.erase(at);
    due_.erase(due);
    return true;
  }

  // Runs what is due now, and what that posts for now, without moving time. Returns how many tasks
  // ran.
  size_t RunReady() {
    size_t ran = 0;
    while (RunOne(clock_.Steady())) {
      ROLLCALL_CHECK(++ran < kMostAtOneInstant, "tasks post each other without end");
    }
    return ran;
  }

  // Moves time forward, stopping at every timer on the way; then runs what is ready at the end.
  void AdvanceBy(absl::Duration d) { AdvanceTo(clock_.Steady() + d); }
  void AdvanceTo(base::Instant end) {
    RunReady();
    for (base::Instant next = NextDue(); next <= end; next = NextDue()) {
      // The clock counts whole nanoseconds; a timer may be due at a part of one.
      clock_.AdvanceBy(absl::Ceil(next - clock_.Steady(), absl::Nanoseconds(1)));
      RunReady();
    }
    if (clock_.Steady() < end) clock_.AdvanceBy(end - clock_.Steady());
  }

  // When the next task is due; InfiniteFuture if there is none.
  base::Instant NextDue() {
    base::MutexLock lock(mu_);
    if (queue_.empty()) return base::Instant::InfiniteFuture();
    return base::Instant::FromOrigin(queue_.begin()->first.first);
  }
  size_t pending() {
    base::MutexLock lock(mu_);
    return queue_.size();
  }

 private:
  using Queue = std::map<std::pair<absl::Duration, uint64_t>, Task>;
  static constexpr size_t kMostAtOneInstant = 10'000'000;

  uint64_t Add(base::Instant when, Task task) {
    base::MutexLock lock(mu_);
    const uint64_t id = next_++;
    queue_.emplace(std::make_pair(when.SinceOrigin(), id), std::move(task));
    due_.emplace(id, when.SinceOrigin());
    return id;
  }

  bool RunOne(base::Instant now) {
    Task task;
    {
      base::MutexLock lock(mu_);
      if (queue_.empty() || now.SinceOrigin() < queue_.begin()->first.first) return false;
      const auto first = queue_.begin();
      task = std::move(first->second);
      due_.erase(first->first.second);
      queue_.erase(first);
    }
    task();
    return true;
  }

  FakeClock& clock_;
  base::Mutex mu_;
  Queue queue_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<uint64_t, absl::Duration> due_ ABSL_GUARDED_BY(mu_);
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 1;
};

}  // namespace rollcall::testing
