// Path: one direction between one client and one node, and what is wrong with it now. All streams
// and calls between the two share it.
//
// What arrives while it is blocked waits, as TCP does it: it is lost at first and sent again. A
// part of what is sent while it loses packets comes late, and holds up what is behind it on its
// stream.
#pragma once

#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"

namespace rollcall::sim {

class Path {
 public:
  // The time until a lost packet is sent again.
  static constexpr absl::Duration kAgain = absl::Milliseconds(200);

  absl::Duration Delay(base::Random& random, absl::Duration least, absl::Duration most) const {
    absl::Duration delay = random.Between(least, most) + slower_;
    if (loss_ > 0 && random.Unit() < loss_) delay += kAgain * (1 + random.Below(3));
    return delay;
  }
  void Deliver(absl::AnyInvocable<void()> arrival) {
    if (blocked_) {
      held_.push_back(std::move(arrival));
    } else {
      arrival();
    }
  }
  void Block() { blocked_ = true; }
  void Heal(base::Executor& queue) {
    blocked_ = false;
    for (auto& arrival : std::exchange(held_, {})) queue.Post(std::move(arrival));
  }
  // What is held knows its stream, and that knows this path: whoever is done with it breaks the
  // ring.
  void Drop() { const auto dropped = std::exchange(held_, {}); }
  void SetLoss(double loss) { loss_ = loss; }
  void SetSlower(absl::Duration slower) { slower_ = slower; }
  bool blocked() const { return blocked_; }

 private:
  bool blocked_ = false;
  double loss_ = 0;
  absl::Duration slower_ = absl::ZeroDuration();
  std::deque<absl::AnyInvocable<void()>> held_;
};

}  // namespace rollcall::sim
