// rollcall_bench: what Rollcall's works cost, beside the least that anybody could take for them, in
// one run on this machine. `rollcall_bench --list` names the works; docs/performance.md explains
// them.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "tests/bench/measure/machine.h"
#include "tests/bench/measure/reports.h"
#include "tests/bench/peers/etcd_victim.h"
#include "tests/bench/peers/zookeeper_victim.h"
#include "tests/bench/sides/all.h"
#include "tests/bench/sides/bare_server.h"
#include "tests/bench/sides/victim.h"
#include "tests/bench/works/all.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

struct Flags {
  std::vector<std::string> only;
  std::vector<std::string> sides;
  std::string json;
  std::string html;
  int repetitions = 0;
  bool list = false;
  bool quick = false;
  bool full = false;
  bool peers = false;
};

Effort EffortOf(const Flags& flags) {
  return flags.quick ? Effort::kQuick : flags.full ? Effort::kFull : Effort::kNormal;
}

const char* NameOf(Effort effort) {
  return effort == Effort::kQuick ? "quick" : effort == Effort::kNormal ? "normal" : "full";
}

std::vector<SideMaker> SidesOf(const Flags& flags) {
  std::vector<SideMaker> sides = OwnSides();
  if (flags.peers) {
    for (SideMaker& peer : PeerSides()) sides.push_back(std::move(peer));
  }
  if (flags.sides.empty()) return sides;
  std::vector<SideMaker> wanted;
  for (SideMaker& side : sides) {
    if (std::count(flags.sides.begin(), flags.sides.end(), side.name) > 0) {
      wanted.push_back(std::move(side));
    }
  }
  return wanted;
}

bool Wanted(const Flags& flags, const Work& work) {
  return flags.only.empty() || std::count(flags.only.begin(), flags.only.end(), work.name) > 0;
}

// Thousands of streams on hundreds of connections: as many files as the system lets us have.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

WorkReport Do(const Work& work, const std::vector<SideMaker>& sides, const Flags& flags) {
  WorkReport report;
  report.result.name = work.name;
  report.result.title = work.title;
  const integration::Stopwatch watch;
  try {
    Loop loop;
    const int repetitions = flags.repetitions > 0 ? flags.repetitions : flags.quick ? 1 : 3;
    Run run(loop, sides, EffortOf(flags), repetitions, report.result);
    work.run(run);
  } catch (const std::exception& error) {
    report.result.failure = error.what();
  }
  if (flags.quick)
    report.result.notes.emplace_back("quick: less of everything than the title says");
  report.result.took = watch.elapsed();
  report.verdicts = Judge(report.result, work.targets);
  return report;
}

// What others use while we wait.
double OthersNow(int cores) {
  Loop loop;
  const MachineTime before = ReadMachineTime();
  loop.RunFor(absl::Seconds(1));
  return CoresBusy(before, ReadMachineTime(), cores);
}

void Save(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path);
  file << text;
  if (!file.flush()) std::fprintf(stderr, "cannot write %s\n", path.c_str());
}

// Of what --sides names: a word that names none would be missed in the results only.
bool AllKnown(const Flags& flags, const std::vector<SideMaker>& sides) {
  for (const std::string& name : flags.sides) {
    const auto is_it = [&](const SideMaker& side) { return side.name == name; };
    if (std::any_of(sides.begin(), sides.end(), is_it)) continue;
    std::fprintf(stderr, "there is no side %s%s\n", name.c_str(),
                 flags.peers ? "" : " (others than limit and rollcall only with --peers)");
    return false;
  }
  return true;
}

// Says what is not installed.
bool AllThere(const std::vector<SideMaker>& sides) {
  bool there = true;
  for (const SideMaker& side : sides) {
    if (side.missing.empty()) continue;
    there = false;
    std::fprintf(stderr, "%s: %s is not installed: deploy/install-deps.sh --with-peers\n",
                 side.name.c_str(), side.missing.c_str());
  }
  return there;
}

int Bench(const Flags& flags) {
  RaiseFileLimit();
  const std::vector<SideMaker> sides = SidesOf(flags);
  if (!AllKnown(flags, sides) || !AllThere(sides)) return 1;
  RunReport report;
  report.effort = NameOf(EffortOf(flags));
  report.machine = LookAtMachine();
  report.machine.others_before = OthersNow(report.machine.cores);
  std::printf("%s", HeadText(report.machine, report.effort).c_str());
  const MachineTime begun = ReadMachineTime();
  bool done = true;
  for (const Work& work : AllWorks()) {
    if (!Wanted(flags, work)) continue;
    report.works.push_back(Do(work, sides, flags));
    done = done && report.works.back().result.failure.empty();
    std::printf("%s", WorkText(report.works.back()).c_str());
    std::fflush(stdout);
  }
  report.machine.stolen = ShareStolen(begun, ReadMachineTime());
  Complain(report);
  std::printf("%s", SummaryText(report).c_str());
  Save(flags.json, Json(report));
  Save(flags.html, Html(report));
  return done ? 0 : 1;
}

// As LaunchVictim asks for it.
auto VictimOf(absl::string_view side) {
  return side == "etcd" ? BeEtcdVictim : side == "zookeeper" ? BeZooKeeperVictim : BeVictim;
}

int List() {
  for (const Work& work : AllWorks()) {
    std::printf("%-16s %s\n", work.name.c_str(), work.title.c_str());
  }
  return 0;
}

int Main(int argc, char** argv) {
  // What the bench itself starts.
  if (argc == 2 && std::strcmp(argv[1], "--serve-bare") == 0) return ServeBare();
  if (argc == 6 && std::strcmp(argv[1], "--be-victim") == 0) {
    return VictimOf(argv[2])(argv[3], std::strtoull(argv[4], nullptr, 10),
                             absl::Milliseconds(std::atoi(argv[5])));
  }
  Flags flags;
  CLI::App app("What Rollcall's works cost, beside the least that anybody could take for them");
  std::vector<std::string> names;
  for (const Work& work : AllWorks()) names.push_back(work.name);
  app.add_flag("--list", flags.list, "Name the works");
  app.add_option("--only", flags.only, "Do these only")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--sides", flags.sides, "With these only: limit, rollcall, or with --peers others")
      ->delimiter(',');
  app.add_flag("--peers", flags.peers, "Other systems, too: etcd and zookeeper");
  app.add_option("--repetitions", flags.repetitions, "Of each measurement; default 3, --quick 1");
  app.add_flag("--quick", flags.quick, "Small and short, to see that it works; says little");
  app.add_flag("--full", flags.full, "As long and as large as the targets say, to 1 000 000");
  app.add_option("--json", flags.json, "Write everything there, too");
  app.add_option("--html", flags.html, "Write a page there, too");
  CLI11_PARSE(app, argc, argv);
  return flags.list ? List() : Bench(flags);
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) { return rollcall::bench::Main(argc, argv); }
