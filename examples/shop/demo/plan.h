// The demo's numbers: who is there, and what must be seen for its claims to hold.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/time/time.h"
#include "examples/shop/demo/shop.h"

namespace shop::demo {

// Short, so that everything fits into a minute; the default is 10 s.
inline constexpr absl::Duration kTtl = absl::Seconds(3);
// Instances beat at a third of the TTL, with up to a tenth of jitter.
inline constexpr absl::Duration kLongestBeat = absl::Milliseconds(1100);
inline constexpr int kCallsPerSecond = 200;

inline const InstancePlan kPlan[] = {
    {"user", "user-1", 100, "a"},   {"user", "user-2", 200, "b"},   {"user", "user-3", 300, "c"},
    {"order", "order-1", 100, "a"}, {"order", "order-2", 300, "b"},
};
// Of an id in the plan.
inline const InstancePlan& PlanOf(const std::string& id) {
  return *std::find_if(std::begin(kPlan), std::end(kPlan),
                       [&](const InstancePlan& plan) { return plan.id == id; });
}

inline constexpr char kVictim[] = "user-2";
inline constexpr char kFrozen[] = "user-3";

// A killed process is noticed by its closed connection: milliseconds, and room for a busy machine.
inline constexpr absl::Duration kKillSuspectLimit = absl::Milliseconds(500);
// A frozen one is set aside by the gateway after three attempts without an answer, of 250 ms each
// and most at the same time.
inline constexpr absl::Duration kAvoidedLimit = absl::Milliseconds(1500);
// Evicted a TTL after its last heartbeat, which was at most one beat before the fault: never
// earlier, and not much later.
inline const absl::Duration kEvictedEarliest = kTtl - kLongestBeat - absl::Milliseconds(100);
inline const absl::Duration kEvictedLatest = kTtl + absl::Seconds(1);
inline constexpr absl::Duration kBackLimit = absl::Seconds(3);
// How long the registry stays away.
inline constexpr absl::Duration kRegistryAway = absl::Milliseconds(2500);

// Shares are counted over this time and may differ from the weights by so much of all calls.
inline constexpr absl::Duration kShareWindow = absl::Seconds(4);
inline constexpr double kShareTolerance = 0.03;

// Whatever has not happened by then does not happen.
inline constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace shop::demo
