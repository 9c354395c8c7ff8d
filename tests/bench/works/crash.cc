// A process dies, or stands still, before the eyes of watchers.
#include "absl/time/clock.h"
#include "tests/bench/load/population.h"
#include "tests/bench/sides/bare_commit.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"
#include "tests/bench/works/hearing.h"

namespace rollcall::bench {
namespace {

const Figure kLast50 = {"last watcher p50", "ms"};
const Figure kLast99 = {"last watcher p99", "ms"};
const Figure kBroadcast = {"broadcast to all", "ms"};
const Figure kCommit = {"one synced commit", "ms"};
const Figure kRemovedAfter = {"removed after", "s"};

// How long a bare change takes to all watchers.
absl::Duration Broadcast(Caller& caller, Hearing& hearing, uint64_t mark) {
  hearing.Expect(Event::Kind::kChanged, mark);
  const absl::Time begun = absl::Now();
  caller.Call(mark, [](absl::string_view) {});
  hearing.Await();
  return hearing.last() - begun;
}

double MedianCommit(int commits) {
  BareCommit disk;
  Histogram times;
  for (int i = 0; i < commits; ++i) times.Add(disk.Commit(1, kRecordBytes));
  return absl::ToDoubleMilliseconds(times.Percentile(0.5));
}

void Crash(Run& run) {
  const int watchers = run.Pick(200, 1000, 1000);
  const int kills = run.Pick(3, 10, 30);
  run.Alternate([&](Side& side) -> Run::Turn {
    const absl::Duration ttl = side.PrepareForCrashes();
    const auto hearing = std::make_shared<Hearing>(run.loop(), watchers);
    const std::shared_ptr<Caller> caller = side.Changing(1);
    const std::shared_ptr<Audience> audience =
        side.Watch({watchers, kWatchConnections, false}, hearing->handler());
    if (audience == nullptr || caller == nullptr) return nullptr;
    return [&, hearing, caller, audience, kills, ttl,
            mark = uint64_t{1}](const Recorder& recorder) mutable {
      Histogram last;
      for (int i = 0; i < (recorder.warming_up() ? 1 : kills); ++i, ++mark) {
        const auto victim = side.StartVictim(mark, ttl);
        if (victim == nullptr) return;
        run.loop().RunFor(absl::Milliseconds(50));
        hearing->Expect(Event::Kind::kSuspect, mark);
        const absl::Time killed = absl::Now();
        victim->Signal(SIGKILL);
        hearing->Await();
        last.Add(hearing->last() - killed);
      }
      recorder.Record(kLast50, absl::ToDoubleMilliseconds(last.Percentile(0.5)));
      recorder.Record(kLast99, absl::ToDoubleMilliseconds(last.Percentile(0.99)));
      recorder.Latencies(last);
      if (side.name() != kLimit) return;
      Histogram broadcasts;
      for (int i = 0; i < kills; ++i) broadcasts.Add(Broadcast(*caller, *hearing, mark++));
      recorder.Record(kBroadcast, absl::ToDoubleMilliseconds(broadcasts.Percentile(0.5)));
    };
  });
  for (int i = 0; i < run.repetitions(); ++i) {
    run.result().Record("disk", kCommit, MedianCommit(50));
  }
  const Samples* broadcast = run.result().Find(kBroadcast.name, kLimit);
  if (broadcast == nullptr) return;
  const double commit = run.result().Find(kCommit.name, "disk")->median();
  const double bound = 5 + commit + 1.2 * broadcast->median();
  run.result().Record(kBound, kLast50, bound);
  run.result().Record(kBound, kLast99, 3 * bound);
  run.result().notes.emplace_back(
      "the limit tells its watchers as soon as the stream breaks, without a commit; p99 is of few "
      "crashes, so it is nearly the slowest of each repetition");
}

void Freeze(Run& run) {
  constexpr absl::Duration kTtl = absl::Seconds(3);
  run.Alternate(
      [&](Side& side) -> Run::Turn {
        if (side.name() == kLimit) return nullptr;  // It ends nobody.
        side.PrepareForCrashes();
        const auto hearing = std::make_shared<Hearing>(run.loop(), 1);
        const std::shared_ptr<Audience> audience = side.Watch({1, 1, false}, hearing->handler());
        if (audience == nullptr) return nullptr;
        return [&, hearing, audience, kTtl, mark = uint64_t{1}](const Recorder& recorder) mutable {
          const auto victim = side.StartVictim(mark, kTtl);
          if (victim == nullptr) return;
          // It has just beaten when it stops: the longest that it can take.
          run.loop().RunFor(kTtl / 3 + absl::Milliseconds(20));
          hearing->Expect(Event::Kind::kRemoved, mark++);
          const absl::Time stopped = absl::Now();
          victim->Freeze();
          hearing->Await();
          recorder.Record(kRemovedAfter, absl::ToDoubleSeconds(hearing->last() - stopped));
        };
      },
      run.Pick(1, 3, 5), /*warm_up=*/false);
}

}  // namespace

Work CrashWork() {
  return {"crash",
          "SIGKILL of a process, until 1 000 watchers on 100 connections know",
          {AtMost("last watcher p50", 1, kBound, "5 ms + one synced commit + 1.2 × broadcast"),
           AtMost("last watcher p99", 1, kBound, "three times that")},
          Crash};
}

Work FreezeWork() {
  return {"freeze",
          "SIGSTOP of a process with a TTL of 3 s, until it is removed",
          {AtMost("removed after", 3.3, "", "the TTL and a tenth")},
          Freeze};
}

}  // namespace rollcall::bench
