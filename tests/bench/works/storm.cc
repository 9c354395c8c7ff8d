// Everybody at once: clients that all register in the same moment.
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

const Figure kAllWithin = {"all within", "s"};
const Figure kFailed = {"failed", ""};

void Storm(Run& run) {
  const int clients = run.Pick(2000, 10'000, 10'000);
  RegisterShape shape;
  shape.connections = 64;
  run.Alternate([&](Side& side) -> Run::Turn {
    const std::shared_ptr<Caller> caller = side.Registering(shape);
    if (caller == nullptr) return nullptr;
    return [&run, &side, caller, clients, next = uint64_t{1}](const Recorder& recorder) mutable {
      const int count = recorder.warming_up() ? clients / 5 : clients;
      const Meter meter(side);
      const CallsResult result = CallTimes(run.loop(), *caller, static_cast<uint64_t>(count),
                                           /*outstanding=*/count, next);
      recorder.Record(kAllWithin, absl::ToDoubleSeconds(result.took));
      recorder.Record(kFailed, static_cast<double>(result.failed));
      meter.Record(recorder, count);
      recorder.Latencies(result.latencies);
      NoteFailures(recorder, result);
    };
  });
}

}  // namespace

Work StormWork() {
  return {"storm",
          "10 000 clients register at once, each its own session, on 64 connections",
          {AtMost("all within", 1.2), AtMost("failed", 0), AtMost("all within", 1, "etcd"),
           AtMost("all within", 1, "zookeeper")},
          Storm};
}

}  // namespace rollcall::bench
