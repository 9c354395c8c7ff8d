#include "server/health/accounted_clock.h"

#include <algorithm>

#include "client-sdk/base/mutant.h"

namespace rollcall::health {

AccountedClock::AccountedClock(const base::Clock& clock, absl::Duration tick)
    : clock_(clock),
      tick_(tick),
      self_beat_ns_(ToNanos(clock.Steady())),
      accounted_ns_(self_beat_ns_.load()),
      time_(clock.Steady(), MUTANT(pauses_count) ? absl::Hours(1) : tick) {}

AccountedClock::Reading AccountedClock::Read() const {
  const base::Instant steady = clock_.Steady();
  const base::Instant ticked = FromNanos(accounted_ns_);
  if (!running_) return {steady, ticked};
  // The two loads may see two ticks: `behind` only grows and a tick adds at most two, so the
  // smaller of the bounds still holds.
  const base::Instant estimate = steady - absl::Nanoseconds(behind_ns_.load());
  return {steady, std::min(estimate, ticked + 2 * tick_)};
}

base::Instant AccountedClock::Tick() {
  const base::Instant real = clock_.Steady();
  if (running_) {
    time_.Advance(real, MUTANT(pauses_count) ? real : FromNanos(self_beat_ns_));
  } else {
    time_.Skip(real);
  }
  Publish(real);
  return time_.now();
}

void AccountedClock::SetRunning(bool running) {
  if (running == running_) return;
  // What passed up to here belongs to the old way.
  Tick();
  running_ = running;
}

void AccountedClock::Publish(base::Instant real) {
  accounted_ns_ = ToNanos(time_.now());
  behind_ns_ = ToNanos(real) - ToNanos(time_.now());
}

}  // namespace rollcall::health
