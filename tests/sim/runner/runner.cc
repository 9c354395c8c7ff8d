#include "tests/sim/runner/runner.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/check.h"
#include "tests/sim/runner/under_way.h"
#include "tests/sim/workload/planner.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

constexpr size_t kLinesShown = 60;
constexpr int kTries = 150;

// Nothing if it cannot be run.
std::string OutputOf(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string text;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  pclose(pipe);
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

// What the source tree is at, as git says it; and whether this program was built before that.
std::string Commit() {
  const std::string git = absl::StrCat("git -C '", ROLLCALL_SOURCE_DIR, "' ");
  const std::string head = OutputOf(git + "rev-parse HEAD 2>/dev/null");
  int64_t made = 0;
  if (!absl::SimpleAtoi(OutputOf(git + "log -1 --format=%ct 2>/dev/null"), &made)) return "unknown";
  std::error_code ignored;
  const auto built = std::filesystem::last_write_time("/proc/self/exe", ignored);
  const auto since = std::chrono::file_clock::to_sys(built).time_since_epoch();
  if (std::chrono::duration_cast<std::chrono::seconds>(since).count() < made) {
    return absl::StrCat("before ", head, " (the program is older)");
  }
  const bool changed = !OutputOf(git + "status --porcelain 2>/dev/null").empty();
  return changed ? head + " with changes" : head;
}

}  // namespace

Run RunPlan(uint64_t seed, const std::string& profile, const Plan& plan, RunOptions options) {
  const UnderWay under_way(seed, profile);
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

std::vector<Regression> Regressions() {
  std::ifstream file(absl::StrCat(ROLLCALL_SOURCE_DIR, "/tests/sim/regressions.txt"));
  std::vector<Regression> regressions;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    uint64_t seed = 0;
    if (line.empty() || line[0] == '#') continue;
    ROLLCALL_CHECK(words.size() == 3 && IsProfile(words[0]) && absl::SimpleAtoi(words[1], &seed),
                   ("regressions.txt: not \"PROFILE SEED what it found\": " + line).c_str());
    regressions.push_back({words[0], seed, words[2]});
  }
  return regressions;
}

std::string Report(const Run& failed) {
  const Plan plan =
      Shrink(failed.seed, failed.profile, MakePlan(failed.seed, failed.profile), failed, kTries);
  const Run shrunk = RunPlan(failed.seed, failed.profile, plan);
  std::string text = absl::StrCat(
      "seed ", failed.seed, " (", failed.profile, "), commit ", Commit(), ", step ", failed.steps,
      ", after ", absl::FormatDuration(failed.simulated), "\n", failed.finding->oracle, ": ",
      failed.finding->what, "\n\nmake sim SEED=", failed.seed,
      failed.profile == "small" ? "" : absl::StrCat(" PROFILE=", failed.profile),
      " shows it whole.\n\nThe last that happened:\n", failed.trace,
      "\nShrunk to this plan (simulator --seed ", failed.seed, " --plan FILE):\n", plan.Text());
  if (!shrunk.finding) return text;
  absl::StrAppend(&text, "\n", shrunk.finding->oracle, ": ", shrunk.finding->what,
                  "\n\nThe last that happens with it:\n", shrunk.trace);
  return text;
}

}  // namespace rollcall::sim
