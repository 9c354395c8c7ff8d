// Heartbeats: a large crowd that beats once a second, and a few that beat as fast as they can.
#include "absl/strings/str_cat.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

const Figure kMemory = {"server memory", "MiB"};

// Long enough that a crowd survives the turns of all other sides.
constexpr absl::Duration kTtl = absl::Minutes(5);
// Heartbeats are sent in bursts, a thousand times a second.
constexpr int kBurstsPerSecond = 1000;

// Held by the heartbeats under way, which may be answered when nobody waits any more.
struct Answers {
  Histogram times;
  uint64_t count = 0;
};

void OnceASecond(Run& run, Crowd& crowd, int clients, int seconds, const Recorder& recorder) {
  const auto answers = std::make_shared<Answers>();
  uint64_t begun = 0;
  const auto burst = static_cast<uint64_t>(clients / kBurstsPerSecond);
  Pace(run.loop(), kBurstsPerSecond, static_cast<uint64_t>(seconds) * kBurstsPerSecond,
       [&](uint64_t i, absl::Time intended) {
         for (uint64_t k = 0; k < burst; ++k) {
           const size_t client = (i * burst + k) % static_cast<uint64_t>(clients);
           if (crowd.WillBeAnswered(client)) ++begun;
           crowd.Beat(client, [answers, intended](absl::string_view) {
             answers->times.Add(absl::Now() - intended);
             ++answers->count;
           });
         }
       });
  if (!run.loop().RunUntil([&] { return answers->count == begun; }, kPatience)) {
    recorder.Note(absl::StrCat(begun - answers->count, " of ", begun, " were not answered within ",
                               absl::FormatDuration(kPatience)));
  }
  recorder.Record(kMedian, absl::ToDoubleMilliseconds(answers->times.Percentile(0.5)));
  recorder.Record(kTail, absl::ToDoubleMilliseconds(answers->times.Percentile(0.99)));
  recorder.Latencies(answers->times);
}

void Heartbeats(Run& run) {
  CrowdShape shape;
  shape.clients = run.Pick(2000, 10'000, 10'000);
  shape.connections = 100;
  shape.ttl = kTtl;
  const int seconds = run.Pick(2, 5, 10);
  run.Alternate([&](Side& side) -> Run::Turn {
    const std::shared_ptr<Crowd> crowd = side.Gather(shape);
    if (crowd == nullptr) return nullptr;
    return [&run, &side, crowd, shape, seconds](const Recorder& recorder) {
      const int time = recorder.warming_up() ? 1 : seconds;
      const Meter meter(side);
      OnceASecond(run, *crowd, shape.clients, time, recorder);
      meter.Record(recorder, static_cast<double>(shape.clients) * time);
      recorder.Record(kMemory, MemoryOf(side.servers().front()) / (1 << 20));
    };
  });
}

void HeartbeatFlood(Run& run) {
  CrowdShape shape;
  shape.clients = 64;
  shape.connections = 8;
  shape.ttl = kTtl;
  const absl::Duration time = run.Pick(absl::Milliseconds(500), absl::Seconds(2), absl::Seconds(5));
  run.Alternate([&](Side& side) -> Run::Turn {
    const std::shared_ptr<Crowd> crowd = side.Gather(shape);
    if (crowd == nullptr) return nullptr;
    return [&side, crowd, time](const Recorder& recorder) {
      const Meter meter(side);
      const integration::Stopwatch watch;
      const auto taken = static_cast<double>(crowd->Flood(time));
      recorder.Record(kRate, taken / absl::ToDoubleSeconds(watch.elapsed()));
      meter.Record(recorder, taken);
    };
  });
}

}  // namespace

Work HeartbeatsWork() {
  return {"heartbeats",
          "10 000 streams on 100 connections beat once a second",
          {AtMost("server CPU", 1.2, kLimit), AtMost("server CPU", 1.0 / 3, "etcd")},
          Heartbeats};
}

Work HeartbeatFloodWork() {
  return {
      "heartbeat-flood",
      "64 streams on 8 connections beat as fast as they can",
      {AtLeast("rate", 0.8, kLimit), AtLeast("rate", 10, "etcd"), AtLeast("rate", 2, "zookeeper")},
      HeartbeatFlood};
}

}  // namespace rollcall::bench
