// What is true of an instance, as a function of the records that concern it, and what callers
// should be given. Nothing else in the program computes a standing or an effective weight.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall {

inline constexpr uint32_t kDefaultWeight = 100;

// The facts about one instance. `session` is nullopt for a static instance; ENDED stands for a
// session that is absent too.
struct StandingFacts {
  bool start_unready = false;
  std::optional<internal::v1::SessionState> session;
  v1::OverrideMode override_mode = v1::OVERRIDE_MODE_UNSPECIFIED;
};

// An operator's word comes first, then what is known of the process, then what it says of itself:
// OUT_OF_SERVICE, DRAINING (override, or its session is leaving), SUSPECT, STARTING, PASSING.
v1::Standing StandingOf(const StandingFacts& facts);

// The override's weight if it has one, else the instance's own, else kDefaultWeight.
uint32_t EffectiveWeight(std::optional<uint32_t> own, std::optional<uint32_t> override_weight);

// "PASSING" for STANDING_PASSING, and so on; "UNSPECIFIED" for anything unknown.
absl::string_view StandingWord(v1::Standing standing);
// "EXPIRED" for CAUSE_EXPIRED, and so on.
absl::string_view CauseWord(v1::Cause cause);

}  // namespace rollcall
