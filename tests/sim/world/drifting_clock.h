// DriftingClock: the clock of one machine of a world: it goes a little faster or slower than the
// world's, and somebody may set its wall hand.
//
// Its rate is set before anything waits for it. Thread-compatible.
#pragma once

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/clock.h"

namespace rollcall::sim {

class DriftingClock final : public base::Clock {
 public:
  explicit DriftingClock(const base::Clock& world)
      : world_(world), start_(world.Steady()), wall_(world.Wall()) {}

  // Faster by so many parts in a million, or slower.
  void SetDrift(int ppm) {
    ROLLCALL_CHECK(world_.Steady() == start_, "a clock that has gone already keeps its rate");
    per_million_ = kMillion + ppm;
  }
  void JumpBy(absl::Duration by) { ahead_.emplace_back(world_.Steady(), Ahead() + by); }

  base::Instant Steady() const override { return FromWorld(world_.Steady()); }
  absl::Time Wall() const override { return wall_ + (Steady() - start_) + Ahead(); }

  base::Instant FromWorld(base::Instant world) const {
    return start_ + (world - start_) * per_million_ / kMillion;
  }
  // When it will show this: not earlier.
  base::Instant ToWorld(base::Instant own) const {
    if (per_million_ == kMillion || own == base::Instant::InfiniteFuture()) return own;
    return start_ + (own - start_) * kMillion / per_million_ + absl::Nanoseconds(2);
  }
  // When its wall hand last showed this, by the world's clock.
  base::Instant WhenShown(absl::Time wall) const {
    base::Instant until = base::Instant::InfiniteFuture();
    for (auto jump = ahead_.rbegin(); jump != ahead_.rend(); ++jump) {
      const base::Instant then = ToWorld(start_ + (wall - wall_ - jump->second));
      if (jump->first <= then && then <= until) return then;
      until = jump->first;
    }
    return ToWorld(start_ + (wall - wall_));
  }

 private:
  static constexpr int64_t kMillion = 1'000'000;
  absl::Duration Ahead() const {
    return ahead_.empty() ? absl::ZeroDuration() : ahead_.back().second;
  }

  const base::Clock& world_;
  const base::Instant start_;
  const absl::Time wall_;
  int64_t per_million_ = kMillion;
  // By how much its wall hand is ahead since when.
  std::vector<std::pair<base::Instant, absl::Duration>> ahead_;
};

}  // namespace rollcall::sim
