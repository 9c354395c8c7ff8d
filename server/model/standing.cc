#include "server/model/standing.h"

#include <string>

#include "client-sdk/base/mutant.h"

namespace rollcall {
namespace {

using internal::v1::SESSION_STATE_ENDED;
using internal::v1::SESSION_STATE_LEAVING;
using internal::v1::SESSION_STATE_SUSPECT;

absl::string_view WithoutPrefix(const std::string& name, absl::string_view prefix) {
  if (name.size() <= prefix.size()) return "UNSPECIFIED";
  return absl::string_view(name).substr(prefix.size());
}

}  // namespace

v1::Standing StandingOf(const StandingFacts& facts) {
  if (facts.session == SESSION_STATE_SUSPECT && MUTANT(suspicion_hides_overrides)) {
    return v1::STANDING_SUSPECT;
  }
  if (facts.override_mode == v1::OVERRIDE_MODE_OUT_OF_SERVICE) {
    return v1::STANDING_OUT_OF_SERVICE;
  }
  if (facts.override_mode == v1::OVERRIDE_MODE_DRAINING || facts.session == SESSION_STATE_LEAVING) {
    return v1::STANDING_DRAINING;
  }
  if (facts.session == SESSION_STATE_SUSPECT) return v1::STANDING_SUSPECT;
  if (facts.session == SESSION_STATE_ENDED) return v1::STANDING_SUSPECT;
  return facts.start_unready ? v1::STANDING_STARTING : v1::STANDING_PASSING;
}

uint32_t EffectiveWeight(std::optional<uint32_t> own, std::optional<uint32_t> override_weight) {
  if (override_weight) return *override_weight;
  return own.value_or(kDefaultWeight);
}

absl::string_view StandingWord(v1::Standing standing) {
  return WithoutPrefix(v1::Standing_Name(standing), "STANDING_");
}

absl::string_view CauseWord(v1::Cause cause) {
  return WithoutPrefix(v1::Cause_Name(cause), "CAUSE_");
}

}  // namespace rollcall
