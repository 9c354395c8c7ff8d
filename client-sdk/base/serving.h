// How far down callers must go to find enough instances: the serving rule, the same in registry and
// SDK.
//
// Callers are given PASSING instances. If those are fewer than kPanicShare of the ones that no
// operator took out, SUSPECT ones are added (better a doubtful instance than an overloaded one),
// then CRITICAL ones by the same rule. STARTING, DRAINING and OUT_OF_SERVICE are never given. The
// idea is Envoy's panic threshold; ours is lower, for here SUSPECT is said on evidence, not on one
// missed probe.
//
// Pure.
#pragma once

#include <cstdint>

namespace rollcall::base {

inline constexpr double kPanicShare = 0.3;

enum class ServeDownTo { kPassing, kSuspect, kCritical };

constexpr ServeDownTo ServingLevel(uint32_t passing, uint32_t suspect, uint32_t critical,
                                   bool strict = false) {
  const uint32_t all = passing + suspect + critical;
  const auto enough = [all](uint32_t some) { return some > 0 && some >= kPanicShare * all; };
  if (strict || enough(passing) || all == passing) return ServeDownTo::kPassing;
  if (enough(passing + suspect) || critical == 0) return ServeDownTo::kSuspect;
  return ServeDownTo::kCritical;
}

}  // namespace rollcall::base
