// From SIGKILL to serving again, with many instances, beside a bare read of the same records.
#include "absl/strings/str_cat.h"
#include "tests/bench/restart/bare_read.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"
#include "tests/bench/works/filling.h"

namespace rollcall::bench {
namespace {

const Figure kReady = {"serving after", "s"};
// Of the full run.
const Figure kReadyOfMillion = {"serving after, of 1 000 000", "s"};
const Figure kCpu = {"processor time", "s"};

void Restarts(Run& run) {
  const int instances = run.Pick(10'000, 100'000, 1'000'000);
  const Figure ready = run.effort() == Effort::kFull ? kReadyOfMillion : kReady;
  run.Alternate(
      [&](Side& side) -> Run::Turn {
        uint64_t next = 1;
        if (side.name() == kLimit || !Fill(run, side, instances, next)) return nullptr;
        return [&](const Recorder& recorder) {
          if (!side.Kill()) return;
          if (!side.records().empty()) {
            const BareRead bare = ReadDisk(side.records());
            run.result().Record("bare read", ready, absl::ToDoubleSeconds(bare.wall));
            run.result().Record("bare read", kCpu, absl::ToDoubleSeconds(bare.cpu));
          }
          const integration::Stopwatch watch;
          side.StartAgain();
          recorder.Record(ready, absl::ToDoubleSeconds(watch.elapsed()));
          absl::Duration cpu;
          for (const pid_t server : side.servers()) cpu += CpuOfProcess(server);
          recorder.Record(kCpu, absl::ToDoubleSeconds(cpu));
        };
      },
      0, /*warm_up=*/false);
  run.result().notes.push_back(absl::StrCat(instances, " instances in sessions of 100"));
}

}  // namespace

Work RestartWork() {
  return {"restart",
          "from SIGKILL to serving again: 100 000 instances (1 000 000 with --full)",
          {AtMost("serving after", 0.7), AtMost("serving after, of 1 000 000", 4),
           AtMost("serving after", 1, "etcd"), AtMost("serving after", 1, "zookeeper")},
          Restarts};
}

}  // namespace rollcall::bench
