// restart_bench: from exec to serving with many instances, beside a bare read of the same records
// in the same run; the memory that they take, and how long an answer waited meanwhile.
//
//   embedded  after SIGKILL, on its own store
//   etcd      one member; the node after SIGKILL on its copy; on a copy that etcd can no longer
//             bring up to date, so that all is loaded while it serves the old state; on nothing
//
// Medians of the repetitions, minimum and maximum in brackets.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "tests/bench/restart/bare_read.h"
#include "tests/bench/restart/fleet.h"
#include "tests/bench/restart/probe.h"
#include "tests/integration/support/etcd_cluster.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::bench {
namespace {

using integration::EtcdCluster;
using integration::Registry;

struct Flags {
  std::vector<std::string> stores = {"embedded", "etcd"};
  std::vector<int> sessions = {1000, 10000};
  int repetitions = 3;
  size_t bytes = 300;
  std::string keep;
};

class Values {
 public:
  void Add(absl::Duration value) { values_.push_back(absl::ToDoubleSeconds(value)); }
  double median() const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  std::string Text() const {
    const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
    return absl::StrFormat("%.2f [%.2f–%.2f]", median(), *least, *most);
  }

 private:
  std::vector<double> values_;
};

// A line of /proc/PID/status that is a size, in bytes.
double SizeOf(int pid, const std::string& name) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::stod(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

absl::Duration CpuOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string field;
  int64_t ticks = 0;
  for (int i = 1; i <= 15 && file >> field; ++i) {
    if (i >= 14) ticks += std::stoll(field);
  }
  return absl::Seconds(1) * ticks / sysconf(_SC_CLK_TCK);
}

// Once it has not changed by more than 1 % for three seconds; after half a minute whatever it is.
double SettledMemory(int pid) {
  const integration::Stopping never;
  double before = SizeOf(pid, "VmRSS");
  for (int calm = 0, looks = 0; calm < 3 && looks < 30; ++looks) {
    never.Within(absl::Seconds(1));
    const double now = SizeOf(pid, "VmRSS");
    calm = std::abs(now - before) < before / 100 ? calm + 1 : 0;
    before = now;
  }
  return before;
}

// What is measured of one way to start.
struct Starts {
  Values ready;
  Values complete;
  Values cpu;
  Values longest_wait;
  Values bare;
  Values bare_cpu;
  double memory = 0;
  double peak = 0;
};

void PrintHead() {
  std::printf(
      "| start | instances | ready s | complete s | CPU s | bare read s (CPU) | ready : bare | "
      "CPU : bare | longest wait s | MiB, peak | bytes per instance |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
}

void Print(const std::string& name, int instances, const Starts& starts, double empty) {
  std::printf("| %s | %d | %s | %s | %s | %s (%.2f) | %.1f | %.1f | %s | %.0f, %.0f | %.0f |\n",
              name.c_str(), instances, starts.ready.Text().c_str(), starts.complete.Text().c_str(),
              starts.cpu.Text().c_str(), starts.bare.Text().c_str(), starts.bare_cpu.median(),
              starts.ready.median() / starts.bare.median(),
              starts.cpu.median() / starts.bare_cpu.median(), starts.longest_wait.Text().c_str(),
              starts.memory / (1 << 20), starts.peak / (1 << 20),
              (starts.memory - empty) / instances);
  std::fflush(stdout);
}

class Bench {
 public:
  explicit Bench(const Flags& flags) : flags_(flags) {}

  void Run() {
    for (const std::string& store : flags_.stores) {
      const double empty = EmptyMemory(store);
      std::printf("an empty node (%s): %.0f MiB\n", store.c_str(), empty / (1 << 20));
      PrintHead();
      for (const int sessions : flags_.sessions) {
        const Fleet fleet(sessions, flags_.bytes);
        store == "etcd" ? OverEtcd(fleet, empty) : Embedded(fleet, empty);
      }
    }
  }

 private:
  static integration::Flags FlagsOver(const EtcdCluster& etcd) {
    return {"--store",      "etcd", "--etcd",      etcd.endpoints(),
            "--etcd-quota", "8GiB", "--log-level", "warning"};
  }
  double EmptyMemory(const std::string& store) {
    if (store != "etcd") {
      Registry node({"--log-level", "warning"});
      return SettledMemory(node.process().pid());
    }
    const EtcdCluster etcd;
    Registry node(FlagsOver(etcd));
    return SettledMemory(node.process().pid());
  }

  // The node is down.
  void Start(Registry& node, const Fleet& fleet, Starts& starts, bool last) {
    Probe probe(node.address());
    const integration::Stopwatch watch;
    node.StartOnSamePort();
    starts.ready.Add(watch.elapsed());
    starts.cpu.Add(CpuOf(node.process().pid()));
    while (!fleet.Complete(node.address())) {
    }
    starts.complete.Add(watch.elapsed());
    const integration::Stopping never;
    never.Within(absl::Seconds(1));
    probe.Stop();
    starts.longest_wait.Add(probe.longest());
    starts.peak = std::max(starts.peak, SizeOf(node.process().pid(), "VmHWM"));
    if (last) starts.memory = SettledMemory(node.process().pid());
  }

  void Repeat(const std::string& name, Registry& node, const Fleet& fleet, double empty,
              const std::function<void()>& before, const std::function<BareRead()>& bare) {
    Starts starts;
    for (int i = 0; i < flags_.repetitions; ++i) {
      node.Kill();
      before();
      Start(node, fleet, starts, i + 1 == flags_.repetitions);
    }
    node.Kill();
    for (int i = 0; i < flags_.repetitions; ++i) {
      const BareRead read = bare();
      starts.bare.Add(read.wall);
      starts.bare_cpu.Add(read.cpu);
    }
    Print(name, fleet.instances(), starts, empty);
    node.StartOnSamePort();
  }

  void Fill(Registry& node, const Fleet& fleet) {
    const integration::Stopwatch watch;
    fleet.Register(node.address());
    std::fprintf(stderr, "%d instances registered in %s\n", fleet.instances(),
                 absl::FormatDuration(watch.elapsed()).c_str());
  }

  void Embedded(const Fleet& fleet, double empty) {
    const std::string data =
        flags_.keep.empty() ? "" : absl::StrCat(flags_.keep, "/", fleet.instances());
    const bool filled = std::filesystem::exists(data);
    Registry node({"--log-level", "warning"}, data);
    if (!filled) Fill(node, fleet);
    Repeat(
        "embedded", node, fleet, empty, [] {}, [&] { return ReadDisk(node.data() + "/store"); });
  }

  void OverEtcd(const Fleet& fleet, double empty) {
    EtcdCluster etcd({.quota = int64_t{8} << 30});
    Registry node(FlagsOver(etcd));
    Fill(node, fleet);
    const std::string copy = node.data() + "/replica";
    const std::string member = absl::StrCat("127.0.0.1:", etcd.member(0).port());
    Repeat(
        "etcd, its copy", node, fleet, empty, [] {}, [&] { return ReadDisk(copy); });
    Repeat(
        "etcd, copy too old", node, fleet, empty, [&] { OutdateCopies(etcd.member(0)); },
        [&] { return ReadEtcd(member); });
    Repeat(
        "etcd, no copy", node, fleet, empty, [&] { std::filesystem::remove_all(copy); },
        [&] { return ReadEtcd(member); });
  }

  // No node can go on from where it is: what came since is forgotten.
  void OutdateCopies(const integration::EtcdProcess& member) {
    const std::string put =
        member.Admin("/v3/kv/put", R"({"key": "b3V0c2lkZQ==", "value": "eA=="})");
    const std::string revision = nlohmann::json::parse(put)["header"]["revision"];
    member.Admin("/v3/kv/compaction", absl::StrCat(R"({"revision": ")", revision, R"("})"));
  }

  const Flags flags_;
};

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) {
  rollcall::bench::Flags flags;
  CLI::App app("From exec to serving with many instances");
  app.add_option("--store", flags.stores, "embedded, etcd or both")->delimiter(',');
  app.add_option("--sessions", flags.sessions, "Each of 100 instances")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--repetitions", flags.repetitions, "Of each start")->capture_default_str();
  app.add_option("--bytes", flags.bytes, "Of an instance")->capture_default_str();
  app.add_option("--keep", flags.keep, "A directory for embedded stores, filled once and kept");
  CLI11_PARSE(app, argc, argv);
  rollcall::bench::Bench(flags).Run();
}
