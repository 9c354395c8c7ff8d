// Planner: draws a plan from a seed: fleets that start, and then rounds in which some things fail
// at once while people and processes go on, with quiet times of different lengths between.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/workload/plan.h"

namespace rollcall::sim {

// What kind of cluster: "small": a dozen processes, and much that fails; "fleet": 200 instances,
// two services, 20 callers, and little that fails.
Plan MakePlan(uint64_t seed, const std::string& profile);
bool IsProfile(const std::string& profile);

}  // namespace rollcall::sim
