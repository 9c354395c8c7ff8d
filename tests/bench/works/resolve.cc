// Reads of one service of 100 instances, beside an echo of as many bytes.
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

constexpr int kResolvedInstances = 100;
constexpr int kConnections = 4;

void Resolve(Run& run) {
  CallsPlan plan;
  plan.outstanding = 64;
  plan.time = run.Pick(absl::Milliseconds(500), absl::Seconds(2), absl::Seconds(5));
  plan.steady_rate = 1000;
  run.Alternate([&](Side& side) {
    return CallsTurn(run, side, side.Resolving(kResolvedInstances, kConnections), plan);
  });
  run.result().notes.emplace_back("p50 and p99: at 1000 a second, from when each was to be sent");
}

}  // namespace

Work ResolveWork() {
  return {
      "resolve",
      "resolve a service of 100 instances, 64 outstanding",
      {AtLeast("rate", 0.8, kLimit), AtLeast("rate", 4, "etcd"), AtLeast("rate", 4, "zookeeper")},
      Resolve};
}

}  // namespace rollcall::bench
