// Worlds from seeds: those that failed once first (regressions.txt), then as many as fit in
// ROLLCALL_SIM_SECONDS (30), at least 50, at most 500. And that a seed goes the same way in another
// process.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/system_clock.h"
#include "tests/sim/runner/runner.h"

namespace rollcall::sim {
namespace {

constexpr uint64_t kAtLeast = 50;
// More are for `make sim RUNS=…` and `make soak`: a test that a change did not break must not fail
// on a faster machine alone.
constexpr uint64_t kAtMost = 500;

int64_t Wish(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  int64_t number = otherwise;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

// A line "PROFILE SEED what it found".
TEST(SeedsTest, ThatFailedOnceAreClean) {
  std::ifstream file(absl::StrCat(ROLLCALL_SOURCE_DIR, "/tests/sim/regressions.txt"));
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    uint64_t seed = 0;
    if (words.size() < 3 || words[0] == "#" || !absl::SimpleAtoi(words[1], &seed)) continue;
    const sim::Run run = RunSeed(seed, words[0]);
    if (run.finding) FAIL() << line << "\n" << Report(run);
  }
}

TEST(SeedsTest, AreClean) {
  base::SystemClock clock;
  const base::Instant end = clock.Steady() + absl::Seconds(Wish("ROLLCALL_SIM_SECONDS", 30));
  uint64_t seed = 1;
  absl::Duration simulated;
  for (; seed <= kAtLeast || (seed <= kAtMost && clock.Steady() < end); ++seed) {
    const sim::Run run = RunSeed(seed, seed % 25 == 0 ? "fleet" : "small");
    simulated += run.simulated;
    if (run.finding) FAIL() << Report(run);
  }
  std::printf("%d seeds, %s simulated\n", static_cast<int>(seed - 1),
              absl::FormatDuration(absl::Trunc(simulated, absl::Seconds(1))).c_str());
}

std::string Output(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  pclose(pipe);
  return text;
}

// Hash tables are seeded anew in each process, and addresses differ.
TEST(SeedsTest, GoTheSameWayInEveryProcess) {
  for (const int seed : {3, 11, 17, 23, 29, 31}) {
    const std::string command = absl::StrCat(ROLLCALL_SIMULATOR, " --hash --seed ", seed);
    const std::string first = Output(command);
    EXPECT_EQ(first.size(), 17u) << first;
    EXPECT_EQ(Output(command), first) << "seed " << seed;
  }
}

}  // namespace
}  // namespace rollcall::sim
