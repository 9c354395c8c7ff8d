// Worlds from seeds: those that failed once first (regressions.txt), then as many as fit in
// ROLLCALL_SIM_SECONDS (30), at least 50. And that a seed goes the same way in another process.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/system_clock.h"
#include "tests/sim/runner/runner.h"

namespace rollcall::sim {
namespace {

constexpr uint64_t kAtLeast = 50;

int64_t Wish(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  int64_t number = otherwise;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

TEST(SeedsTest, ThatFailedOnceAreClean) {
  EXPECT_FALSE(Regressions().empty());
  for (const Regression& once : Regressions()) {
    const sim::Run run = RunSeed(once.seed, once.profile);
    if (run.finding) FAIL() << once.what << "\n" << Report(run);
  }
}

TEST(SeedsTest, AreClean) {
  base::SystemClock clock;
  const base::Instant end = clock.Steady() + absl::Seconds(Wish("ROLLCALL_SIM_SECONDS", 30));
  uint64_t seed = 1;
  absl::Duration simulated;
  for (; seed <= kAtLeast || clock.Steady() < end; ++seed) {
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
