#include "server/committer/deadlines.h"

#include <algorithm>

namespace rollcall::committer {

Deadlines::Deadlines(base::Executor& executor, const base::Clock& clock,
                     std::function<bool(Id)> waits, std::function<void(Id)> due)
    : executor_(executor), clock_(clock), waits_(std::move(waits)), due_(std::move(due)) {}

void Deadlines::Add(base::Instant deadline, Id id) {
  if (deadline >= base::Instant::InfiniteFuture()) return;
  if (heap_.size() >= sweep_at_) Sweep();
  heap_.emplace_back(deadline, id);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  if (!armed_for_ || deadline < *armed_for_) Arm();
}

void Deadlines::Sweep() {
  std::erase_if(heap_, [this](const Entry& entry) { return !waits_(entry.second); });
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  // So that each is looked at a bounded number of times, however many wait.
  sweep_at_ = std::max(kSweepFrom, 2 * heap_.size());
}

void Deadlines::DropOverAtFront() {
  while (!heap_.empty() && !waits_(heap_.front().second)) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
  }
}

void Deadlines::Arm() {
  if (armed_for_) executor_.Cancel(timer_);
  armed_for_.reset();
  if (heap_.empty()) return;
  armed_for_ = heap_.front().first;
  timer_ = executor_.PostAt(*armed_for_, [this] { OnTimer(); });
}

void Deadlines::OnTimer() {
  armed_for_.reset();
  while (true) {
    DropOverAtFront();
    if (heap_.empty() || heap_.front().first > clock_.Steady()) break;
    const Id id = heap_.front().second;
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    due_(id);
  }
  // `due` may have added some, and armed.
  Arm();
}

}  // namespace rollcall::committer
