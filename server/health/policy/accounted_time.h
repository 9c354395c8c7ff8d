// AccountedTime: the time that deadlines run on: the part of real time in which this node is known
// to have been able to hear heartbeats.
//
// Per step it advances by the real difference, but by at most two ticks, and by nothing beyond
// kSelfBeatGrace after the last self-beat (a heartbeat of the node to itself, on the way that
// clients' heartbeats take). So a paused process, a starved reader or a sleeping machine lets no
// deadline pass, without being told apart.
//
// Never runs faster than real time and never goes back. Pure; thread-compatible.
#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::health {

class AccountedTime {
 public:
  static constexpr absl::Duration kSelfBeatGrace = absl::Seconds(1);

  // Starts out equal to real time.
  AccountedTime(base::Instant real, absl::Duration tick)
      : most_per_step_(2 * tick), real_(real), now_(real) {}

  base::Instant Advance(base::Instant real, base::Instant last_self_beat) {
    const base::Instant trusted = std::min(real, last_self_beat + kSelfBeatGrace);
    const absl::Duration passed = std::max(trusted - real_, absl::ZeroDuration());
    now_ = now_ + std::min(passed, most_per_step_);
    real_ = real;
    return now_;
  }

  // Lets real time pass without counting it.
  void Skip(base::Instant real) { real_ = real; }

  base::Instant now() const { return now_; }

 private:
  absl::Duration most_per_step_;
  base::Instant real_;  // of the last step
  base::Instant now_;
};

}  // namespace rollcall::health
