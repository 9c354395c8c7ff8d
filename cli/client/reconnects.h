// Reconnects: how long a command that stays connected waits before it connects again.
//
// The waits grow while connections fail or do not last, and begin anew after one that lasted: a
// registry that is going away, or takes a connection and drops it, is not stormed. Reads no clock
// but the one it is handed. Thread-compatible.
#pragma once

#include <algorithm>
#include <optional>

#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"

namespace rollcall::cli {

class Reconnects {
 public:
  static constexpr absl::Duration kFirst = absl::Milliseconds(200);
  static constexpr absl::Duration kLongest = absl::Seconds(10);
  // A connection that served for so long was a good one.
  static constexpr absl::Duration kLasting = absl::Seconds(10);

  Reconnects(const base::Clock& clock, base::Random& random)
      : clock_(clock), random_(random), backoff_(kFirst, kLongest) {}

  // No wait is longer than this from now on; kLongest is the most that this can be.
  void Bound(absl::Duration longest) {
    backoff_ = base::Backoff(kFirst, std::clamp(longest, kFirst, kLongest));
  }
  // The registry serves on a connection; said again, it means the same one.
  void Served() {
    if (!served_since_) served_since_ = clock_.Steady();
  }
  // The connection has ended, or could not be made: the wait before the next.
  absl::Duration Wait() {
    if (served_since_ && clock_.Steady() - *served_since_ >= kLasting) backoff_.Reset();
    served_since_.reset();
    return backoff_.Next(random_);
  }

 private:
  const base::Clock& clock_;
  base::Random& random_;
  base::Backoff backoff_;
  std::optional<base::Instant> served_since_;
};

}  // namespace rollcall::cli
