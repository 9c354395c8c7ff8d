#include "server/feed/merge_window.h"

#include <algorithm>
#include <cmath>

#include "server/model/limits.h"

namespace rollcall::feed {
namespace {

// The memory of the rate: long enough not to take one burst for a rate, short enough to forget a
// storm at once.
constexpr absl::Duration kMemory = absl::Milliseconds(100);

}  // namespace

absl::Duration MergeWindow::Note(base::Instant now) {
  recent_ = recent_ * std::exp(-absl::FDivDuration(now - last_, kMemory)) + 1;
  last_ = now;
  const double rate = recent_ / absl::ToDoubleSeconds(kMemory);
  const double full = std::clamp((rate - kLowRate) / (kHighRate - kLowRate), 0.0, 1.0);
  return absl::Trunc(kMaxMergeWindow * full, absl::Microseconds(1));
}

}  // namespace rollcall::feed
