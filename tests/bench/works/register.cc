// Registrations: one instance in a session of its own, and batches of 100.
#include "tests/bench/load/population.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

constexpr int kOutstanding = 256;
constexpr int kBatch = 100;

void RegisterEach(Run& run) {
  CallsPlan plan;
  plan.outstanding = kOutstanding;
  plan.time = run.Pick(absl::Milliseconds(500), absl::Seconds(2), absl::Seconds(5));
  plan.steady_rate = 1000;
  run.Alternate([&](Side& side) { return CallsTurn(run, side, side.Registering({}), plan); });
  RecordCommits(run, kOutstanding, kRecordBytes);
  run.result().notes.emplace_back("p50 and p99: at 1000 a second, from when each was to be sent");
}

void RegisterBatches(Run& run) {
  CallsPlan plan;
  plan.outstanding = 32;
  plan.each = kBatch;
  plan.time = run.Pick(absl::Milliseconds(300), absl::Milliseconds(800), absl::Seconds(2));
  run.Alternate([&](Side& side) {
    RegisterShape shape;
    shape.instances = kBatch;
    return CallsTurn(run, side, side.Registering(shape), plan);
  });
  RecordCommits(run, 10 * kBatch, kRecordBytes);
}

}  // namespace

Work RegisterWork() {
  return {"register",
          "register one instance in a session of its own, 256 outstanding",
          {AtLeast("rate", 0.6, kLimit), AtMost("server CPU", 2, kLimit),
           AtLeast("rate", 5, "etcd"), AtLeast("rate", 2.5, "zookeeper")},
          RegisterEach};
}

Work RegisterBatchWork() {
  return {"register-batch",
          "register sessions of 100 instances, 32 outstanding, per instance",
          {AtLeast("rate", 200'000), AtLeast("rate", 3, "etcd"), AtLeast("rate", 2, "zookeeper")},
          RegisterBatches};
}

}  // namespace rollcall::bench
