// simulator: worlds from seeds. `simulator --help` says what it can do; docs/testing.md, what for.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/base/system_clock.h"
#include "tests/sim/runner/mutants.h"
#include "tests/sim/runner/runner.h"
#include "tests/sim/workload/planner.h"

namespace rollcall::sim {
namespace {

constexpr char kHelp[] =
    "simulator [--seed N]            one seed, everything it does in words\n"
    "          [--plan FILE]         with this plan instead of the seed's own\n"
    "          [--runs N] [--from N] those that failed once, and many seeds; ends with the first\n"
    "                                that fails\n"
    "          [--soak SECONDS]      seeds for so long; goes on after a failure, and sums up\n"
    "          [--mutants FILE]      finds each mutant of the list, or --mutant NAME of it (a "
    "build with\n"
    "                                mutants)\n"
    "          [--mutant NAME]       with this mutant\n"
    "          [--profile small|fleet]\n"
    "          [--hash]              prints hashes only\n";

[[noreturn]] void Refuse(const std::string& why) {
  std::cerr << "simulator: " << why << "; see simulator --help\n";
  std::exit(2);
}

class Flags {
 public:
  Flags(int argc, char** argv) {
    static const std::set<std::string> kKnown = {"--seed", "--plan",    "--runs",   "--from",
                                                 "--soak", "--mutants", "--mutant", "--profile",
                                                 "--hash", "--help"};
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      if (!kKnown.contains(name)) Refuse(absl::StrCat("there is no ", name));
      const bool has_value = i + 1 < argc && argv[i + 1][0] != '-';
      values_[name] = has_value ? argv[++i] : "";
    }
  }
  bool Has(const std::string& name) const { return values_.contains(name); }
  std::string Text(const std::string& name, std::string otherwise = "") const {
    const auto at = values_.find(name);
    return at == values_.end() ? otherwise : at->second;
  }
  uint64_t Number(const std::string& name, uint64_t otherwise) const {
    uint64_t number = otherwise;
    const auto at = values_.find(name);
    if (at != values_.end() && !absl::SimpleAtoi(at->second, &number)) {
      Refuse(absl::StrCat(name, ": \"", at->second, "\" is not a number"));
    }
    return number;
  }
  std::string Profile() const {
    std::string profile = Text("--profile", "small");
    if (!IsProfile(profile)) Refuse(absl::StrCat("--profile: there are small and fleet"));
    return profile;
  }

 private:
  std::map<std::string, std::string> values_;
};

class Stopwatch {
 public:
  double Seconds() const { return absl::ToDoubleSeconds(clock_.Steady() - start_); }

 private:
  base::SystemClock clock_;
  const base::Instant start_ = clock_.Steady();
};

void MakeMutant(const std::string& name) {
#ifdef ROLLCALL_MUTANTS
  static std::string active;
  active = name;
  base::active_mutant = active;
#else
  if (name.empty()) return;
  std::fprintf(stderr, "this build has no mutants: cmake --preset mutants\n");
  std::exit(2);
#endif
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int ShowOne(const Flags& flags, const std::string& profile) {
  const uint64_t seed = flags.Number("--seed", 1);
  Plan plan = MakePlan(seed, profile);
  if (flags.Has("--plan")) {
    const auto read = ParsePlan(ReadFile(flags.Text("--plan")));
    if (!read.ok()) {
      std::cerr << read.status() << "\n";
      return 2;
    }
    plan = *read;
  }
  const Run run = RunPlan(seed, profile, plan, {.detailed = !flags.Has("--hash")});
  if (flags.Has("--hash")) {
    std::printf("%016llx\n", static_cast<unsigned long long>(run.hash));
    return run.finding ? 1 : 0;
  }
  std::cout << plan.Text() << "\n" << run.trace << "\n";
  if (run.finding) std::cout << run.finding->oracle << ": " << run.finding->what << "\n";
  std::cout << absl::StrFormat("hash %016x, %d steps\n", run.hash, run.steps);
  return run.finding ? 1 : 0;
}

std::string Pace(absl::Duration simulated, double seconds) {
  return absl::StrFormat("%.1f simulated hours, %.0f simulated seconds per second",
                         absl::ToDoubleHours(simulated),
                         absl::ToDoubleSeconds(simulated) / std::max(seconds, 1e-9));
}

// True if those that failed once are clean.
bool RunRegressions() {
  const std::vector<Regression> regressions = Regressions();
  for (const Regression& once : regressions) {
    const Run run = RunSeed(once.seed, once.profile);
    if (!run.finding) continue;
    std::cout << once.what << "\n" << Report(run);
    return false;
  }
  std::cout << regressions.size() << " seeds that failed once are clean" << std::endl;
  return true;
}

int RunMany(const Flags& flags, const std::string& profile) {
  const uint64_t from = flags.Number("--from", 1);
  const uint64_t runs = flags.Number("--runs", 100);
  if (!RunRegressions()) return 1;
  Stopwatch watch;
  absl::Duration simulated;
  uint64_t steps = 0;
  for (uint64_t seed = from; seed < from + runs; ++seed) {
    const Run run = RunSeed(seed, profile);
    simulated += run.simulated;
    steps += run.steps;
    if (!run.finding) continue;
    std::cout << Report(run);
    return 1;
  }
  std::cout << runs << " seeds clean: " << Pace(simulated, watch.Seconds()) << ", " << steps
            << " steps\n";
  return 0;
}

// As long as it is told; most seeds are small worlds, one in twenty is a fleet.
int Soak(const Flags& flags) {
  const auto limit = static_cast<double>(flags.Number("--soak", 3600));
  std::vector<std::string> failed;
  if (!RunRegressions()) failed.push_back("one that failed once");
  Stopwatch watch;
  double told = 0;
  absl::Duration simulated;
  uint64_t seed = flags.Number("--from", 1'000'000);
  uint64_t runs = 0;
  for (; watch.Seconds() < limit; ++seed, ++runs) {
    const Run run = RunSeed(seed, runs % 20 == 19 ? "fleet" : "small");
    simulated += run.simulated;
    if (run.finding) {
      std::cout << Report(run) << std::endl;
      failed.push_back(absl::StrCat(run.profile, " ", seed, " ", run.finding->oracle));
    }
    if (watch.Seconds() - told < 10) continue;
    told = watch.Seconds();
    std::cout << absl::StrFormat("%6.0f s  seed %d  %d failed  %s", told, seed, failed.size(),
                                 Pace(simulated, told))
              << std::endl;
  }
  std::cout << runs << " seeds, " << failed.size()
            << " failed: " << Pace(simulated, watch.Seconds()) << "\n";
  for (const std::string& line : failed) std::cout << "  " << line << "\n";
  return failed.empty() ? 0 : 1;
}

// What the seed does with this mutant, within so many seeds that are clean without.
std::string Hunt(const Mutant& mutant, std::map<std::pair<std::string, uint64_t>, bool>& clean,
                 bool& found) {
  for (uint64_t seed = 1; seed <= mutant.most; ++seed) {
    MakeMutant("");
    const auto key = std::make_pair(mutant.profile, seed);
    if (!clean.contains(key)) clean[key] = !RunSeed(seed, mutant.profile).finding;
    if (!clean[key]) return absl::StrCat("seed ", seed, " fails without it");
    MakeMutant(mutant.name);
    const Run run = RunSeed(seed, mutant.profile);
    if (!run.finding) continue;
    found = true;
    return absl::StrCat(seed, " seeds, by ", run.finding->oracle);
  }
  return absl::StrCat("NOT FOUND within ", mutant.most);
}

// Each of the list, or the one with this name, must be found within its seeds.
int FindMutants(const std::string& list, const std::string& only) {
  const auto mutants = ReadMutants(list);
  absl::Status status = mutants.status();
  if (status.ok()) status = CompareMutants(*mutants, MutantsInSources(ROLLCALL_SOURCE_DIR));
  if (!status.ok()) {
    std::cerr << status.message() << "\n";
    return 2;
  }
  int missed = 0;
  int hunted = 0;
  std::map<std::pair<std::string, uint64_t>, bool> clean;
  for (const Mutant& mutant : *mutants) {
    if (!only.empty() && mutant.name != only) continue;
    bool found = false;
    const std::string how = Hunt(mutant, clean, found);
    MakeMutant("");
    ++hunted;
    missed += !found;
    std::cout << absl::StrFormat("%-32s %s", mutant.name, how) << std::endl;
  }
  return missed == 0 && hunted > 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  const Flags flags(argc, argv);
  if (flags.Has("--help")) {
    std::cout << kHelp;
    return 0;
  }
  const std::string profile = flags.Profile();
  if (flags.Has("--mutants")) {
    return FindMutants(flags.Text("--mutants"), flags.Text("--mutant"));
  }
  MakeMutant(flags.Text("--mutant"));
  if (flags.Has("--soak")) return Soak(flags);
  if (flags.Has("--seed")) return ShowOne(flags, profile);
  return RunMany(flags, profile);
}

}  // namespace
}  // namespace rollcall::sim

int main(int argc, char** argv) { return rollcall::sim::Main(argc, argv); }
