#include "tests/bench/works/common.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/sides/bare_commit.h"

namespace rollcall::bench {

Meter::Meter(const Side& side) : servers_(side.servers()), load_({getpid()}) {}

void Meter::Record(const Recorder& recorder, double count, bool and_load) const {
  count = std::max(count, 1.0);
  recorder.Record(kServerCpu, servers_.CpuMicroseconds() / count);
  if (and_load) recorder.Record(kLoadCpu, load_.CpuMicroseconds() / count);
}

void NoteFailures(const Recorder& recorder, const CallsResult& result) {
  if (result.failed == 0) return;
  recorder.Note(absl::StrCat(result.failed, " of ", result.failed + result.done,
                             " calls failed: ", result.first_error));
}

Run::Turn CallsTurn(Run& run, Side& side, std::unique_ptr<Caller> caller, const CallsPlan& plan) {
  if (caller == nullptr) return nullptr;
  const std::shared_ptr<Caller> shared = std::move(caller);
  return [&run, &side, shared, plan, next = uint64_t{1}](const Recorder& recorder) mutable {
    // A warm-up need not be as long.
    const absl::Duration time = recorder.warming_up() ? plan.time / 2 : plan.time;
    const Meter meter(side);
    const CallsResult result = KeepCalling(run.loop(), *shared, plan.outstanding, time, next);
    meter.Record(recorder, static_cast<double>(result.done) * plan.each);
    recorder.Record(kRate, result.per_second() * plan.each);
    NoteFailures(recorder, result);
    if (plan.steady_rate == 0 || recorder.warming_up()) return;
    const CallsResult steady = CallAtRate(run.loop(), *shared, plan.steady_rate, time / 2, next);
    recorder.Record(kMedian, absl::ToDoubleMilliseconds(steady.latencies.Percentile(0.5)));
    recorder.Record(kTail, absl::ToDoubleMilliseconds(steady.latencies.Percentile(0.99)));
    recorder.Latencies(steady.latencies);
    NoteFailures(recorder, steady);
  };
}

void RecordCommits(Run& run, int records, size_t bytes) {
  BareCommit disk;
  for (int i = -1; i < run.repetitions(); ++i) {
    const absl::Time begun = absl::Now();
    const absl::Time end =
        begun + run.Pick(absl::Milliseconds(200), absl::Milliseconds(500), absl::Seconds(1));
    uint64_t done = 0;
    for (; absl::Now() < end; done += static_cast<uint64_t>(records)) disk.Commit(records, bytes);
    if (i < 0) continue;  // a warm-up
    run.result().Record("disk", kRate,
                        static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - begun));
  }
}

double SettledMemory(Loop& loop, const Side& side) {
  const auto memory = [&] {
    double sum = 0;
    for (const pid_t server : side.servers()) sum += MemoryOf(server);
    return sum;
  };
  double before = memory();
  for (int calm = 0, looks = 0; calm < 2 && looks < 30; ++looks) {
    loop.RunFor(absl::Seconds(1));
    const double now = memory();
    calm = std::abs(now - before) < before / 100 ? calm + 1 : 0;
    before = now;
  }
  return before;
}

}  // namespace rollcall::bench
