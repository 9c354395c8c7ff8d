#include "server/feed/merge_window.h"

#include <algorithm>
#include <cmath>

#include "server/model/limits.h"

namespace rollcall::feed {
namespace {

// The memory of the rate: long enough not to take one burst for a rate, short enough to forget a
// storm at once.
constexpr absl::Duration kMemory = absl::Milliseconds(100);

// How far `rate` is on the way from `low` to `high`, 0 to 1.
double Share(double rate, double low, double high) {
  return std::clamp((rate - low) / (high - low), 0.0, 1.0);
}

}  // namespace

absl::Duration MergeWindow::Note(base::Instant now) {
  recent_ = recent_ * std::exp(-absl::FDivDuration(now - last_, kMemory)) + 1;
  last_ = now;
  const double rate = recent_ / absl::ToDoubleSeconds(kMemory);
  const absl::Duration by_rate = kMaxMergeWindow * Share(rate, kLowRate, kHighRate);
  const absl::Duration by_cost = (free_at_ - now) * Share(rate, kLowRate, kPausingRate);
  return absl::Trunc(std::max(by_rate, by_cost), absl::Microseconds(1));
}

absl::Duration MergeWindow::Bounded(absl::Duration pause) {
  return pause < kLeastPause ? absl::ZeroDuration() : std::min(pause, kMaxPause);
}

absl::Duration MergeWindow::PauseAfter(absl::Duration making) {
  return Bounded(kForMaking * making);
}

void MergeWindow::Delivered(size_t messages, base::Instant begun, base::Instant made) {
  const absl::Duration sending = kForMessage * static_cast<int64_t>(messages);
  const absl::Duration pause =
      Bounded(std::max(sending, kForMaking * (made - begun - sending / 2)));
  if (pause > absl::ZeroDuration()) free_at_ = begun + pause;
}

}  // namespace rollcall::feed
