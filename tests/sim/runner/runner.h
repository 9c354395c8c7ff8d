// Runner: takes seeds through worlds: what went wrong, where, and the least that is needed for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/workload/plan.h"
#include "tests/sim/world/findings.h"

namespace rollcall::sim {

struct Run {
  uint64_t seed;
  std::string profile;
  std::optional<Finding> finding;
  // Of the way it went.
  uint64_t hash;
  uint64_t steps;
  absl::Duration simulated;
  // The newest lines; all of them if it was asked for.
  std::string trace;
};

struct RunOptions {
  bool detailed = false;
  bool oracles = true;
};

Run RunPlan(uint64_t seed, const std::string& profile, const Plan& plan, RunOptions options = {});
Run RunSeed(uint64_t seed, const std::string& profile, RunOptions options = {});

// The plan without what the failure does not need: as long as a run of it, with this seed, fails by
// the same oracle. At most `tries` runs.
Plan Shrink(uint64_t seed, const std::string& profile, Plan plan, const Run& failed, int tries);

// A seed that failed once: a line "PROFILE SEED what it found" of regressions.txt.
struct Regression {
  std::string profile;
  uint64_t seed;
  std::string what;
};
std::vector<Regression> Regressions();

// For people: what was found, in what source, how to see it again, the shrunk plan and what
// happened last.
std::string Report(const Run& failed);

}  // namespace rollcall::sim
