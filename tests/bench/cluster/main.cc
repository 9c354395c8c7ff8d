// cluster_bench: registrations a second, each a session of its own with one instance, beside what
// the machine can do at best, alternating in one run; with the processor time of everybody
// concerned for each. Medians of the repetitions, minimum and maximum in brackets.
//
//   --store etcd      through one node over three etcd members, beside a lease and a put of the
//                     same size at the same members
//   --store embedded  at one node on its own disk, beside a bare gRPC server that does nothing
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "tests/bench/cluster/echo.h"
#include "tests/bench/cluster/etcd_load.h"
#include "tests/bench/cluster/figures.h"
#include "tests/bench/cluster/rollcall_load.h"
#include "tests/integration/support/etcd_cluster.h"
#include "tests/integration/support/registry.h"

namespace rollcall::bench {
namespace {

using integration::EtcdCluster;
using integration::Registry;

struct Flags {
  std::string store = "etcd";
  int seconds = 3;
  int repetitions = 3;
  std::vector<int> callers = {1, 16, 256, 1024};
  size_t bytes = 300;
  bool threads = false;
  bool ours_only = false;
};

constexpr int kConnections = 4;

// What is compared, measured in turn.
struct Pair {
  Figures limit;
  Figures ours;

  double ratio() const { return ours.rate() / limit.rate(); }
};

// Numbers that name instances, never the same twice.
uint64_t next = 0;

bool Measure(const Flags& flags, int callers, const Operation& best, const std::string& node,
             Pair& pair) {
  const absl::Duration time = absl::Seconds(flags.seconds);
  bool clean = true;
  for (int i = 0; i < flags.repetitions; ++i) {
    RollcallLoad load(node, kConnections, flags.bytes, absl::StrCat(callers, "r", i));
    if (!flags.ours_only) clean = pair.limit.Measure(callers, time, next, best) && clean;
    const Operation ours = [&](uint64_t n, grpc::CompletionQueue& queue, Done done) {
      load.Register(n, queue, std::move(done));
    };
    clean = pair.ours.Measure(callers, time, next, ours) && clean;
  }
  if (flags.ours_only) pair.limit = pair.ours;
  return clean;
}

void SayThreads(const Flags& flags, const Pair& pair) {
  if (flags.threads) std::printf("  the node, µs: %s\n", pair.ours.ThreadsText().c_str());
  std::fflush(stdout);
}

bool OverEtcd(const Flags& flags) {
  EtcdCluster etcd({.members = 3, .quota = int64_t{8} << 30});
  Registry node({"--store", "etcd", "--etcd", etcd.endpoints(), "--log-level", "warning"});
  std::vector<std::string> members;
  Figures::Group pids;
  for (size_t i = 0; i < etcd.size(); ++i) {
    members.push_back(absl::StrCat("127.0.0.1:", etcd.member(i).port()));
    pids.push_back(etcd.member(i).process().pid());
  }
  EtcdLoad plain(members, flags.bytes);
  std::printf(
      "| callers | lease + put /s | registered /s | ratio | etcd CPU µs: lease + put | registered "
      "| ratio | node CPU µs | load CPU µs: lease + put | registered |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  bool clean = true;
  for (const int callers : flags.callers) {
    const Figures::Group whole = {node.process().pid()};
    Pair pair{Figures(Figures::Groups{whole, pids}),
              Figures(std::vector{whole, pids}, flags.threads)};
    const Operation put = [&](uint64_t n, grpc::CompletionQueue& queue, Done done) {
      plain.Register(n, queue, std::move(done));
    };
    clean = Measure(flags, callers, put, node.address(), pair) && clean;
    std::printf("| %d | %s | %s | %.1f | %s | %s | 1/%.1f | %s | %s | %s |\n", callers,
                pair.limit.RateText().c_str(), pair.ours.RateText().c_str(), pair.ratio(),
                pair.limit.ServerText(1).c_str(), pair.ours.ServerText(1).c_str(),
                pair.limit.server_us(1) / pair.ours.server_us(1), pair.ours.ServerText(0).c_str(),
                pair.limit.LoadText().c_str(), pair.ours.LoadText().c_str());
    SayThreads(flags, pair);
  }
  return clean;
}

bool Embedded(const Flags& flags) {
  Echo echo;
  Registry node({"--log-level", "warning"});
  RollcallLoad calls(echo.address(), kConnections, flags.bytes, "echo");
  std::printf(
      "| callers | echo /s | registered /s | share | CPU µs: echo | node | ratio "
      "| load CPU µs: echo | registered |\n|---|---|---|---|---|---|---|---|---|\n");
  bool clean = true;
  for (const int callers : flags.callers) {
    const Figures::Group bare = {echo.pid()};
    const Figures::Group whole = {node.process().pid()};
    Pair pair{Figures(Figures::Groups{bare}), Figures(Figures::Groups{whole}, flags.threads)};
    const Operation ask = [&](uint64_t n, grpc::CompletionQueue& queue, Done done) {
      calls.Register(n, queue, std::move(done));
    };
    clean = Measure(flags, callers, ask, node.address(), pair) && clean;
    std::printf("| %d | %s | %s | %.0f %% | %s | %s | %.1f | %s | %s |\n", callers,
                pair.limit.RateText().c_str(), pair.ours.RateText().c_str(), 100 * pair.ratio(),
                pair.limit.ServerText(0).c_str(), pair.ours.ServerText(0).c_str(),
                pair.ours.server_us(0) / pair.limit.server_us(0), pair.limit.LoadText().c_str(),
                pair.ours.LoadText().c_str());
    SayThreads(flags, pair);
  }
  return clean;
}

int Run(const Flags& flags) {
  std::printf("%d s each, %d repetitions, instances of about %zu bytes, all on this machine\n\n",
              flags.seconds, flags.repetitions, flags.bytes);
  return (flags.store == "etcd" ? OverEtcd(flags) : Embedded(flags)) ? 0 : 1;
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) {
  rollcall::bench::Flags flags;
  bool echo = false;
  CLI::App app("Registrations, beside plain etcd or a bare gRPC server");
  app.add_option("--store", flags.store, "etcd or embedded")
      ->check(CLI::IsMember({"etcd", "embedded"}))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "Of each measurement")->capture_default_str();
  app.add_option("--repetitions", flags.repetitions, "Of each measurement")->capture_default_str();
  app.add_option("--callers", flags.callers, "How many at the same time")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--bytes", flags.bytes, "Of an instance")->capture_default_str();
  app.add_flag("--threads", flags.threads, "Tell what each of the node's threads used");
  app.add_flag("--ours-only", flags.ours_only, "For a profile: do not measure the other side");
  app.add_flag("--serve-echo", echo, "Be the bare server");
  CLI11_PARSE(app, argc, argv);
  return echo ? rollcall::bench::ServeEcho() : rollcall::bench::Run(flags);
}
