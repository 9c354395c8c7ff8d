#include "tests/sim/runner/runner.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/sim/workload/planner.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

constexpr size_t kLinesShown = 60;
constexpr int kTries = 150;

std::string FirstLineOf(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// What the source tree is at, as git says it.
std::string Commit() {
  const std::string git = absl::StrCat(ROLLCALL_SOURCE_DIR, "/.git/");
  const std::string head = FirstLineOf(git + "HEAD");
  if (!absl::StartsWith(head, "ref: ")) return head;
  const std::string commit = FirstLineOf(git + head.substr(5));
  return commit.empty() ? "unknown" : commit;
}

}  // namespace

Run RunPlan(uint64_t seed, const std::string& profile, const Plan& plan, RunOptions options) {
  World world({.seed = seed, .detailed = options.detailed, .oracles = options.oracles});
  world.Run(plan);
  return {seed,
          profile,
          world.finding(),
          world.hash(),
          world.steps(),
          world.elapsed(),
          world.trace().Last(options.detailed ? SIZE_MAX : kLinesShown)};
}

Run RunSeed(uint64_t seed, const std::string& profile, RunOptions options) {
  return RunPlan(seed, profile, MakePlan(seed, profile), options);
}

// Leaves out parts of the plan, halves first, then smaller ones, as long as that makes it shorter.
Plan Shrink(uint64_t seed, const std::string& profile, Plan plan, const Run& failed, int tries) {
  const auto fails = [&](const Plan& candidate) {
    --tries;
    const Run run = RunPlan(seed, profile, candidate);
    return run.finding && run.finding->oracle == failed.finding->oracle;
  };
  for (size_t part = std::max<size_t>(plan.events.size() / 2, 1); tries > 0; part /= 2) {
    for (size_t from = 0; from < plan.events.size() && tries > 0;) {
      Plan candidate = plan;
      const size_t to = std::min(from + part, plan.events.size());
      candidate.events.erase(candidate.events.begin() + static_cast<ptrdiff_t>(from),
                             candidate.events.begin() + static_cast<ptrdiff_t>(to));
      if (fails(candidate)) {
        plan = std::move(candidate);
      } else {
        from = to;
      }
    }
    if (part == 1) break;
  }
  return plan;
}

std::string Report(const Run& failed) {
  const Plan plan =
      Shrink(failed.seed, failed.profile, MakePlan(failed.seed, failed.profile), failed, kTries);
  const Run shrunk = RunPlan(failed.seed, failed.profile, plan, {.detailed = true});
  std::string text = absl::StrCat(
      "seed ", failed.seed, " (", failed.profile, "), commit ", Commit(), ", step ", failed.steps,
      ", after ", absl::FormatDuration(failed.simulated), "\n", failed.finding->oracle, ": ",
      failed.finding->what, "\n\nmake sim SEED=", failed.seed,
      failed.profile == "small" ? "" : absl::StrCat(" PROFILE=", failed.profile),
      " shows it whole.\n\nThe last that happened:\n", failed.trace,
      "\nShrunk to this plan (simulator --seed ", failed.seed, " --plan FILE):\n", plan.Text());
  if (!shrunk.finding) return text;
  absl::StrAppend(&text, "\n", shrunk.finding->oracle, ": ", shrunk.finding->what, "\n");
  return text;
}

}  // namespace rollcall::sim
