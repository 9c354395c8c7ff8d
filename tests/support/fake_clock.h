// FakeClock: a clock that stands still until a test moves it.
//
// Starts an hour after the steady clock's origin and at 2024-01-01 00:00 UTC; both hands move
// together, and SetWall moves the wall alone, as an administrator does. Thread-safe.
//
// With a ManualExecutor, move time with the executor: it stops at every timer on the way. Moving
// the clock alone is what a paused process sees: time has passed and every timer is late.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/clock.h"

namespace rollcall::testing {

class FakeClock final : public base::Clock {
 public:
  base::Instant Steady() const override {
    return base::Instant::FromOrigin(absl::Nanoseconds(steady_ns_.load()));
  }
  absl::Time Wall() const override {
    return absl::FromUnixNanos(steady_ns_.load() + wall_ahead_ns_.load());
  }

  void AdvanceBy(absl::Duration d) {
    ROLLCALL_CHECK(d >= absl::ZeroDuration(), "time does not go back");
    // Up to the next whole nanosecond, or a timer due at a fraction of one would never be reached.
    steady_ns_ += absl::ToInt64Nanoseconds(absl::Ceil(d, absl::Nanoseconds(1)));
  }
  void SetWall(absl::Time wall) { wall_ahead_ns_ = absl::ToUnixNanos(wall) - steady_ns_.load(); }

 private:
  static constexpr int64_t kStartNs = int64_t{3600} * 1'000'000'000;
  static constexpr int64_t kWallStartNs = int64_t{1'704'067'200} * 1'000'000'000;

  std::atomic<int64_t> steady_ns_{kStartNs};
  std::atomic<int64_t> wall_ahead_ns_{kWallStartNs - kStartNs};
};

}  // namespace rollcall::testing
