// One change, told to many watchers on 100 connections.
#include "absl/strings/str_cat.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"
#include "tests/bench/works/hearing.h"

namespace rollcall::bench {
namespace {

const Figure kAnswered = {"change answered", "ms"};
const Figure kFirst = {"first watcher", "ms"};
const Figure kLast = {"last watcher", "ms"};
const Figure kSpread = {"first to last", "ms"};

void FanOut(Run& run, int watchers, int changes) {
  run.Alternate([&](Side& side) -> Run::Turn {
    const std::shared_ptr<Caller> caller = side.Changing(1);
    const auto hearing = std::make_shared<Hearing>(run.loop(), watchers);
    const std::shared_ptr<Audience> audience =
        caller == nullptr ? nullptr
                          : side.Watch({watchers, kWatchConnections, false}, hearing->handler());
    if (audience == nullptr) return nullptr;
    return [&, caller, hearing, audience, watchers, changes,
            mark = uint64_t{1}](const Recorder& recorder) mutable {
      Histogram answered;
      Histogram first;
      Histogram last;
      Histogram spread;
      const Usage servers(side.servers());
      for (int i = 0; i < changes; ++i, ++mark) {
        hearing->Expect(Event::Kind::kChanged, mark);
        const absl::Time begun = absl::Now();
        const auto ended = std::make_shared<absl::Time>(absl::InfiniteFuture());
        caller->Call(mark, [ended](absl::string_view error) {
          if (!error.empty()) integration::Fail(absl::StrCat("no change: ", error));
          *ended = absl::Now();
        });
        hearing->Await();
        run.loop().RunUntil([&] { return *ended != absl::InfiniteFuture(); }, kPatience);
        answered.Add(*ended - begun);
        first.Add(hearing->first() - begun);
        last.Add(hearing->last() - begun);
        spread.Add(hearing->last() - hearing->first());
      }
      recorder.Record(kDeliveryCpu, servers.CpuMicroseconds() / (changes * watchers));
      recorder.Record(kAnswered, absl::ToDoubleMilliseconds(answered.Percentile(0.5)));
      recorder.Record(kFirst, absl::ToDoubleMilliseconds(first.Percentile(0.5)));
      recorder.Record(kLast, absl::ToDoubleMilliseconds(last.Percentile(0.5)));
      recorder.Record(kSpread, absl::ToDoubleMilliseconds(spread.Percentile(0.5)));
      recorder.Latencies(last);
    };
  });
  run.result().notes.emplace_back(
      "times are medians of the changes of a repetition, from when the change was sent; Rollcall's "
      "hold one synced commit, the limit's do not");
}

std::vector<Target> Targets() {
  return {AtMost("server CPU per delivery", 1.2, kLimit),
          AtMost("last watcher", 1.2, kLimit, "the commit included"),
          AtMost("first to last", 1.2, kLimit, "without the commit"),
          AtMost("server CPU per delivery", 1, "etcd"), AtMost("last watcher", 1, "etcd")};
}

}  // namespace

Work FanOut1000Work() {
  return {"fan-out-1000", "one change to 1 000 watch streams on 100 connections", Targets(),
          [](Run& run) { FanOut(run, 1000, run.Pick(5, 30, 100)); }};
}

Work FanOut10000Work() {
  return {"fan-out-10000", "one change to 10 000 watch streams on 100 connections", Targets(),
          [](Run& run) { FanOut(run, run.Pick(3000, 10'000, 10'000), run.Pick(2, 8, 30)); }};
}

}  // namespace rollcall::bench
