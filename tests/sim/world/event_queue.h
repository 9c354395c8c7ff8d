// EventQueue: everything that happens in a simulated world, in the order of its time and, at one
// instant, in the order in which it was posted.
//
// Each event that runs is folded into a hash, with its time: two runs with one hash went the same
// way. Belongs to one thread; events left over are destroyed unrun.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "client-sdk/base/executor.h"
#include "tests/support/fake_clock.h"

namespace rollcall::sim {

class EventQueue final : public base::Executor {
 public:
  explicit EventQueue(testing::FakeClock& clock) : clock_(clock) {}
  ~EventQueue() override {
    // The destructor of a task may post or cancel.
    while (!order_.empty()) {
      const Due next = Next();
      if (Holds(next)) const Task doomed = Take(next.slot);
    }
  }

  void Post(Task task) override { PostAt(clock_.Steady(), std::move(task)); }
  TimerId PostAt(base::Instant when, Task task) override {
    const uint32_t slot = FreeSlot();
    Slot& taken = slots_[slot];
    taken.task = std::move(task);
    taken.sequence = ++posted_;
    // Up to the next whole nanosecond: the clock counts no less.
    const int64_t at =
        absl::ToInt64Nanoseconds(absl::Ceil(when.SinceOrigin(), absl::Nanoseconds(1)));
    order_.push({std::max(at, Now()), taken.sequence, slot});
    ++pending_;
    return TimerId{taken.sequence << kSlotBits | slot};
  }
  bool Cancel(TimerId id) override {
    const auto slot = static_cast<uint32_t>(static_cast<uint64_t>(id) & kSlotMask);
    const uint64_t sequence = static_cast<uint64_t>(id) >> kSlotBits;
    if (slot >= slots_.size() || slots_[slot].sequence != sequence) return false;
    const Task dropped = Take(slot);
    return true;
  }

  // Moves time to the next event, if it is due by `end`, and runs it.
  bool RunOne(base::Instant end) {
    while (!order_.empty() && order_.top().at <= ToNanos(end)) {
      const Due next = Next();
      if (!Holds(next)) continue;  // Cancelled.
      Task task = Take(next.slot);
      if (next.at > Now()) clock_.AdvanceBy(absl::Nanoseconds(next.at - Now()));
      ++ran_;
      Note(static_cast<uint64_t>(next.at));
      task();
      return true;
    }
    return false;
  }
  // Lets time pass in which nothing happens.
  void PassTo(base::Instant end) {
    if (clock_.Steady() < end) clock_.AdvanceBy(end - clock_.Steady());
  }

  // Folds something that happened into the hash.
  void Note(uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e37'79b9'7f4a'7c15u;
    hash_ ^= hash_ >> 29;
  }
  uint64_t hash() const { return hash_; }
  uint64_t ran() const { return ran_; }
  size_t pending() const { return pending_; }
  base::Instant now() const { return clock_.Steady(); }

 private:
  static constexpr int kSlotBits = 24;
  static constexpr uint64_t kSlotMask = (uint64_t{1} << kSlotBits) - 1;

  struct Slot {
    Task task;
    uint64_t sequence = 0;  // 0: free.
  };
  struct Due {
    int64_t at;
    uint64_t sequence;
    uint32_t slot;
    friend bool operator<(const Due& a, const Due& b) {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };

  static int64_t ToNanos(base::Instant t) { return absl::ToInt64Nanoseconds(t.SinceOrigin()); }
  int64_t Now() const { return ToNanos(clock_.Steady()); }
  uint32_t FreeSlot() {
    if (free_.empty()) {
      slots_.emplace_back();
      return static_cast<uint32_t>(slots_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  Due Next() {
    const Due next = order_.top();
    order_.pop();
    return next;
  }
  bool Holds(const Due& due) const { return slots_[due.slot].sequence == due.sequence; }
  Task Take(uint32_t slot) {
    Task task = std::move(slots_[slot].task);
    slots_[slot].task = nullptr;
    slots_[slot].sequence = 0;
    free_.push_back(slot);
    --pending_;
    return task;
  }

  testing::FakeClock& clock_;
  std::priority_queue<Due> order_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  uint64_t posted_ = 0;
  uint64_t ran_ = 0;
  size_t pending_ = 0;
  uint64_t hash_ = 0;
};

}  // namespace rollcall::sim
