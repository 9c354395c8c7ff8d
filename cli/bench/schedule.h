// Schedule: when the calls of one kind are to be made: an open loop, at a steady rate whatever
// becomes of them.
//
// Latencies are told from these times, so that a registry that stalls is charged for all who would
// have waited. Pure; thread-compatible.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::cli {

class Schedule {
 public:
  // As many as fit into `time`, the first at `start`.
  Schedule(base::Instant start, uint64_t per_second, absl::Duration time)
      : start_(start),
        per_second_(per_second),
        count_(static_cast<uint64_t>(
            std::llround(static_cast<double>(per_second) * absl::ToDoubleSeconds(time)))) {}

  uint64_t count() const { return count_; }
  // Of the next one; the infinite future when all were taken.
  base::Instant next() const {
    return taken_ < count_ ? At(taken_) : base::Instant::InfiniteFuture();
  }
  // When the next one was to be made, if that is not after `now`.
  std::optional<base::Instant> TakeDue(base::Instant now) {
    const base::Instant at = next();
    if (taken_ == count_ || at > now) return std::nullopt;
    ++taken_;
    return at;
  }

 private:
  // From the start each time, so that no rounding adds up.
  base::Instant At(uint64_t i) const {
    const auto n = static_cast<int64_t>(i);
    const auto rate = static_cast<int64_t>(per_second_);
    return start_ + absl::Seconds(n / rate) + absl::Seconds(1) * (n % rate) / rate;
  }

  base::Instant start_;
  uint64_t per_second_;
  uint64_t count_;
  uint64_t taken_ = 0;
};

}  // namespace rollcall::cli
