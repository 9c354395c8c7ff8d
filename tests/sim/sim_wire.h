// SimWire: one direction of one stream or call between a client and a node: every message arrives,
// in order, after a delay of its own, as far as the path between the two lets it through.
//
// Belongs to the simulator's thread.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "tests/sim/world/path.h"

namespace rollcall::sim {

struct Delays {
  absl::Duration least = absl::Microseconds(50);
  absl::Duration most = absl::Milliseconds(2);
};

class SimWire {
 public:
  SimWire(base::Executor& queue, const base::Clock& clock, base::Random& random, Delays delays,
          std::shared_ptr<Path> path)
      : queue_(queue), clock_(clock), random_(random), delays_(delays), path_(std::move(path)) {}

  // Runs `arrival` at the other end, behind everything sent before.
  void Send(absl::AnyInvocable<void()> arrival) {
    last_ = std::max(last_, clock_.Steady() + path_->Delay(random_, delays_.least, delays_.most));
    queue_.PostAt(last_, [path = path_, arrival = std::move(arrival)]() mutable {
      path->Deliver(std::move(arrival));
    });
  }

 private:
  base::Executor& queue_;
  const base::Clock& clock_;
  base::Random& random_;
  const Delays delays_;
  const std::shared_ptr<Path> path_;
  base::Instant last_;
};

}  // namespace rollcall::sim
