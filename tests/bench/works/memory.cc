// What is kept costs memory: an instance, a heartbeat stream, an idle watch stream.
#include "absl/strings/str_cat.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"
#include "tests/bench/works/filling.h"

namespace rollcall::bench {
namespace {

const Figure kEmpty = {"empty server", "MiB"};
const Figure kPerInstance = {"per instance", "bytes"};
// Of the full run: what a node needs whatever it holds, as buffers and caches, is little of it.
const Figure kPerInstanceOfMillion = {"per instance, of 1 000 000", "bytes"};
const Figure kPerWatch = {"per idle watch stream", "bytes"};

void Memory(Run& run) {
  const int instances = run.Pick(10'000, 100'000, 1'000'000);
  const int watchers = run.Pick(1000, 10'000, 10'000);
  const Figure each = run.effort() == Effort::kFull ? kPerInstanceOfMillion : kPerInstance;
  run.Alternate(
      [&](Side& side) -> Run::Turn {
        return [&](const Recorder& recorder) {
          const double empty = SettledMemory(run.loop(), side);
          recorder.Record(kEmpty, empty / (1 << 20));
          const auto audience =
              side.Watch({watchers, kWatchConnections, false}, [](size_t, const Event&) {});
          double before = empty;
          if (audience != nullptr) {
            before = SettledMemory(run.loop(), side);
            recorder.Record(kPerWatch, (before - empty) / watchers);
          }
          uint64_t next = 1;
          if (side.name() == kLimit || !Fill(run, side, instances, next)) return;
          recorder.Record(each, (SettledMemory(run.loop(), side) - before) / instances);
        };
      },
      1, /*warm_up=*/false);
  run.result().notes.emplace_back(
      absl::StrCat("once, for a process does not get smaller again: ", instances,
                   " instances in sessions of 100; ", watchers, " watch streams on ",
                   kWatchConnections, " connections, whose memory is in theirs"));
}

}  // namespace

Work MemoryWork() {
  return {"memory",
          "memory of an instance and of an idle watch stream, after settling",
          {AtMost("per instance, of 1 000 000", 700), AtMost("per idle watch stream", 1.15, kLimit),
           AtMost("per instance", 1, "etcd"), AtMost("per idle watch stream", 1, "etcd")},
          Memory};
}

}  // namespace rollcall::bench
