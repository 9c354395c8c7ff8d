// SimWire: the way between one client and the node: every message arrives, in order in each
// direction, after a delay of its own.
//
// Belongs to the simulator's thread.
#pragma once

#include <algorithm>

#include "absl/functional/any_invocable.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"

namespace rollcall::sim {

struct Delays {
  absl::Duration least = absl::Microseconds(50);
  absl::Duration most = absl::Milliseconds(2);
};

class SimWire {
 public:
  SimWire(base::Executor& queue, const base::Clock& clock, base::Random& random, Delays delays)
      : queue_(queue), clock_(clock), random_(random), delays_(delays) {}

  // Runs `arrival` at the other end, behind everything sent before.
  void Send(absl::AnyInvocable<void()> arrival) {
    last_ = std::max(last_, clock_.Steady() + random_.Between(delays_.least, delays_.most));
    queue_.PostAt(last_, std::move(arrival));
  }

 private:
  base::Executor& queue_;
  const base::Clock& clock_;
  base::Random& random_;
  const Delays delays_;
  base::Instant last_;
};

}  // namespace rollcall::sim
