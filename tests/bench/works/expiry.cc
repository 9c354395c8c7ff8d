// Many sessions that end in the same moment, while others go on registering.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

const Figure kGone = {"all gone after", "s"};
const Figure kOthers50 = {"other writes p50", "ms"};
const Figure kOthers99 = {"other writes p99", "ms"};
const Figure kEachCpu = {"server CPU per session", "µs"};

constexpr double kOthersPerSecond = 200;
constexpr absl::Duration kOthersFor = absl::Seconds(4);
// What is left between the last registration and the end of all.
constexpr absl::Duration kMargin = absl::Seconds(3);
constexpr int kMostTries = 3;
// How long it may take until all are gone: there are servers that end a thousand in a second.
constexpr absl::Duration kGoing = absl::Minutes(4);

// Who was told as removed, and when the last of them was told first: some are told again.
struct Departures {
  absl::flat_hash_set<uint64_t> gone;
  absl::Time last;
};

// How long so many registrations take here and now.
absl::Duration TimeToRegister(Run& run, Caller& caller, uint64_t count, uint64_t& next) {
  constexpr uint64_t kSample = 2000;
  const CallsResult sample = CallTimes(run.loop(), caller, kSample, 256, next);
  return static_cast<double>(count) / kSample * sample.took;
}

// False if registering took longer than `allowance`: then they do not end together, and once all
// are gone nothing was measured. Throws if the side cannot do it.
bool ExpireTogether(Run& run, Side& side, Caller& others, uint64_t sessions, uint64_t& next,
                    absl::Duration allowance, const Recorder& recorder) {
  const absl::Time end = absl::Now() + allowance + kMargin;
  const std::unique_ptr<Caller> expiring = side.Expiring(end);
  if (expiring == nullptr) integration::Fail("this side lets no session end by itself");
  const auto departures = std::make_shared<Departures>();
  const std::unique_ptr<Audience> audience =
      side.Watch({1, 1, true}, [departures](size_t, const Event& event) {
        if (event.kind != Event::Kind::kRemoved) return;
        if (departures->gone.insert(event.mark).second) departures->last = absl::Now();
      });
  const CallsResult registered = CallTimes(run.loop(), *expiring, sessions, 256, next);
  NoteFailures(recorder, registered);
  const bool together = absl::Now() < end - absl::Seconds(1);
  if (together) run.loop().RunUntil(end - absl::Milliseconds(500));
  const Usage servers(side.servers());
  const CallsResult meanwhile = CallAtRate(run.loop(), others, kOthersPerSecond,
                                           together ? kOthersFor : absl::Seconds(1), next);
  const uint64_t expected = registered.done;
  if (!run.loop().RunUntil([&] { return departures->gone.size() >= expected; }, kGoing)) {
    integration::Fail(absl::StrCat(expected - departures->gone.size(), " sessions never went"));
  }
  if (!together) return false;
  recorder.Record(kGone, absl::ToDoubleSeconds(departures->last - end));
  recorder.Record(kOthers50, absl::ToDoubleMilliseconds(meanwhile.latencies.Percentile(0.5)));
  recorder.Record(kOthers99, absl::ToDoubleMilliseconds(meanwhile.latencies.Percentile(0.99)));
  recorder.Record(kEachCpu, servers.CpuMicroseconds() / static_cast<double>(expected));
  recorder.Latencies(meanwhile.latencies, "other writes");
  NoteFailures(recorder, meanwhile);
  return true;
}

void Expiry(Run& run) {
  const auto sessions = static_cast<uint64_t>(run.Pick(5000, 50'000, 50'000));
  run.Alternate(
      [&](Side& side) -> Run::Turn {
        const std::shared_ptr<Caller> others = side.Registering({});
        if (others == nullptr || side.Expiring(absl::Now()) == nullptr) return nullptr;
        return [&, others, sessions, next = uint64_t{1}](const Recorder& recorder) mutable {
          // A machine that others use may be slower than it was a moment ago.
          absl::Duration allowance = 1.4 * TimeToRegister(run, *others, sessions, next);
          for (int tries = 1;
               !ExpireTogether(run, side, *others, sessions, next, allowance, recorder); ++tries) {
            if (tries == kMostTries) integration::Fail("registering always took too long");
            allowance *= 2;
          }
        };
      },
      run.Pick(1, std::min(run.repetitions(), 3), run.repetitions()), /*warm_up=*/false);
  run.result().notes.emplace_back(
      "other writes: 200 registrations a second from half a second before the end, for 4 s");
}

}  // namespace

Work ExpiryWork() {
  return {"expiry",
          "50 000 sessions end together, brake off, while others register",
          {AtMost("all gone after", 2), AtMost("other writes p99", 50),
           AtMost("all gone after", 1, "etcd")},
          Expiry};
}

}  // namespace rollcall::bench
