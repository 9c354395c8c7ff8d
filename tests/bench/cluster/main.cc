// cluster_bench: registrations a second through one node over three etcd members, beside a lease
// and a put of the same size at the same members, in one run, alternating; with etcd's processor
// time per registration. Medians of the repetitions, minimum and maximum in brackets.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/cluster/etcd_load.h"
#include "tests/bench/cluster/load.h"
#include "tests/bench/cluster/rollcall_load.h"
#include "tests/integration/support/etcd_cluster.h"
#include "tests/integration/support/registry.h"

namespace rollcall::bench {
namespace {

using integration::EtcdCluster;
using integration::Registry;

struct Flags {
  int seconds = 3;
  int repetitions = 3;
  std::vector<int> callers = {1, 16, 256, 1024};
  size_t bytes = 300;
};

struct Seen {
  std::vector<double> rate;
  std::vector<double> etcd_cpu_us;
  std::vector<double> node_cpu_us;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Text(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return absl::StrFormat("%.0f [%.0f–%.0f]", Median(values), *least, *most);
}

class Bench {
 public:
  explicit Bench(const Flags& flags)
      : flags_(flags),
        etcd_({.members = 3, .quota = int64_t{8} << 30}),
        node_({"--store", "etcd", "--etcd", etcd_.endpoints(), "--log-level", "warning"}) {}

  int Run() {
    std::printf("%d s each, %d repetitions, instances of about %zu bytes, all on this machine\n\n",
                flags_.seconds, flags_.repetitions, flags_.bytes);
    std::printf(
        "| callers | lease + put /s | registered /s | ratio | etcd CPU µs: lease + put | "
        "registered | ratio | node CPU µs |\n|---|---|---|---|---|---|---|---|\n");
    bool clean = true;
    for (const int callers : flags_.callers) clean = RunCallers(callers) && clean;
    return clean ? 0 : 1;
  }

 private:
  bool RunCallers(int callers) {
    Seen plain;
    Seen ours;
    std::vector<std::string> members;
    for (size_t i = 0; i < etcd_.size(); ++i) {
      members.push_back(absl::StrCat("127.0.0.1:", etcd_.member(i).port()));
    }
    EtcdLoad etcd(members, flags_.bytes);
    bool clean = true;
    for (int i = 0; i < flags_.repetitions; ++i) {
      RollcallLoad rollcall(node_.address(), 4, flags_.bytes, absl::StrCat(callers, "r", i));
      clean = Measure(callers, plain,
                      [&](uint64_t n, Done done) { etcd.Register(n, std::move(done)); }) &&
              clean;
      clean = Measure(callers, ours,
                      [&](uint64_t n, Done done) { rollcall.Register(n, std::move(done)); }) &&
              clean;
    }
    std::printf(
        "| %d | %s | %s | %.1f | %s | %s | 1/%.1f | %s |\n", callers, Text(plain.rate).c_str(),
        Text(ours.rate).c_str(), Median(ours.rate) / Median(plain.rate),
        Text(plain.etcd_cpu_us).c_str(), Text(ours.etcd_cpu_us).c_str(),
        Median(plain.etcd_cpu_us) / Median(ours.etcd_cpu_us), Text(ours.node_cpu_us).c_str());
    std::fflush(stdout);
    return clean;
  }

  bool Measure(int callers, Seen& seen, const Operation& operation) {
    const absl::Duration etcd_before = EtcdCpu();
    const absl::Duration node_before = CpuOf(node_.process().pid());
    const LoadResult result = RunLoad(callers, absl::Seconds(flags_.seconds), next_, operation);
    next_ += result.done + result.failed;
    const double done = std::max<double>(1, static_cast<double>(result.done));
    seen.rate.push_back(result.per_second());
    seen.etcd_cpu_us.push_back(absl::ToDoubleMicroseconds(EtcdCpu() - etcd_before) / done);
    seen.node_cpu_us.push_back(
        absl::ToDoubleMicroseconds(CpuOf(node_.process().pid()) - node_before) / done);
    if (result.failed == 0) return true;
    std::fprintf(stderr, "%lu of %lu failed: %s\n", static_cast<unsigned long>(result.failed),
                 static_cast<unsigned long>(result.done + result.failed),
                 result.first_error.c_str());
    return false;
  }

  absl::Duration EtcdCpu() {
    absl::Duration cpu;
    for (size_t i = 0; i < etcd_.size(); ++i) cpu += CpuOf(etcd_.member(i).process().pid());
    return cpu;
  }

  const Flags flags_;
  EtcdCluster etcd_;
  Registry node_;
  uint64_t next_ = 0;
};

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) {
  rollcall::bench::Flags flags;
  CLI::App app("Registrations through a cluster, beside plain etcd");
  app.add_option("--seconds", flags.seconds, "Of each measurement")->capture_default_str();
  app.add_option("--repetitions", flags.repetitions, "Of each measurement")->capture_default_str();
  app.add_option("--callers", flags.callers, "How many at the same time")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--bytes", flags.bytes, "Of an instance")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return rollcall::bench::Bench(flags).Run();
}
