// A steady stream of changes to many watchers: how late each of them is, and what it takes.
//
// A watcher that falls behind is told the newest state only; a change that was overtaken on the way
// counts as heard when what overtook it is.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"

namespace rollcall::bench {
namespace {

const Figure kCores = {"server cores", ""};
const Figure kLoadCores = {"load cores", ""};
const Figure kMessages = {"told one by one", "%"};

// Each is changed five times a second: the next change seldom comes before the last is committed.
constexpr uint64_t kChangedInstances = 200;
constexpr double kPerSecond = 1000;
// Who has not heard so long after the last change is not waited for.
constexpr absl::Duration kLongestWait = absl::Seconds(20);

// When each mark was sent, and which each watcher heard last of each instance.
class Lateness {
 public:
  explicit Lateness(int watchers)
      : heard_(static_cast<size_t>(watchers), std::vector<uint64_t>(kChangedInstances)) {}

  void Sent(uint64_t mark, absl::Time intended) {
    if (sent_.empty()) {
      first_ = mark;
      for (auto& of_watcher : heard_) {
        for (uint64_t i = 0; i < kChangedInstances; ++i) {
          of_watcher[(mark + i) % kChangedInstances] = mark + i;
        }
      }
    }
    sent_.push_back(intended);
  }
  // `next`: the mark that this watcher waits for, of this instance.
  void Hear(size_t watcher, uint64_t mark) {
    if (sent_.empty() || mark < first_ || mark >= first_ + sent_.size()) return;
    const absl::Time now = absl::Now();
    uint64_t& next = heard_[watcher][mark % kChangedInstances];
    if (next <= mark) ++told_;
    for (; next <= mark; next += kChangedInstances) {
      late_.Add(now - sent_[next - first_]);
      ++count_;
    }
  }
  void Reset() {
    sent_.clear();
    late_ = Histogram();
    count_ = told_ = 0;
  }
  std::string Missing() const {
    return absl::StrCat(missing() / 1000, " of ", sent_.size() * heard_.size() / 1000,
                        " thousand were not heard within ", absl::FormatDuration(kLongestWait),
                        " of the last change");
  }
  // Who has not heard until now counts as late as that, or he would not count at all.
  void GiveUp() {
    const absl::Time now = absl::Now();
    for (const auto& of_watcher : heard_) {
      for (uint64_t next : of_watcher) {
        for (; next < first_ + sent_.size(); next += kChangedInstances) {
          late_.Add(now - sent_[next - first_]);
        }
      }
    }
  }
  uint64_t missing() const { return sent_.size() * heard_.size() - count_; }
  const Histogram& late() const { return late_; }
  double told_share() const {
    return static_cast<double>(told_) / static_cast<double>(std::max<uint64_t>(count_, 1));
  }

 private:
  std::vector<std::vector<uint64_t>> heard_;
  std::vector<absl::Time> sent_;
  uint64_t first_ = 0;
  Histogram late_;
  uint64_t count_ = 0;
  uint64_t told_ = 0;
};

void Changes(Run& run) {
  const int watchers = run.Pick(200, 1000, 1000);
  const int seconds = run.Pick(2, 5, 30);
  run.OneByOne([&](Side& side) -> Run::Turn {
    // A buffer for each change and watcher is more than two processors can send.
    if (side.name() == kLimit) return nullptr;
    const std::shared_ptr<Caller> caller = side.Changing(kChangedInstances);
    const auto lateness = std::make_shared<Lateness>(watchers);
    std::shared_ptr<Audience> audience =
        caller == nullptr ? nullptr
                          : side.Watch({watchers, kWatchConnections, false},
                                       [lateness](size_t watcher, const Event& event) {
                                         lateness->Hear(watcher, event.mark);
                                       });
    if (audience == nullptr) return nullptr;
    return [&, caller, lateness, audience, seconds,
            mark = uint64_t{kChangedInstances}](const Recorder& recorder) mutable {
      if (audience == nullptr) return;
      lateness->Reset();
      const int time = recorder.warming_up() ? 1 : seconds;
      const Usage servers(side.servers());
      const Usage load({getpid()});
      const auto failed = std::make_shared<int>(0);
      const integration::Stopwatch watch;
      Pace(run.loop(), kPerSecond, static_cast<uint64_t>(time * kPerSecond),
           [&](uint64_t, absl::Time intended) {
             lateness->Sent(mark, intended);
             caller->Call(mark++, [failed](absl::string_view error) {
               if (!error.empty()) ++*failed;
             });
           });
      const double took = absl::ToDoubleSeconds(watch.elapsed());
      recorder.Record(kCores, absl::ToDoubleSeconds(servers.Cpu()) / took);
      recorder.Record(kLoadCores, absl::ToDoubleSeconds(load.Cpu()) / took);
      if (!run.loop().RunUntil([&] { return lateness->missing() == 0; }, kLongestWait)) {
        run.result().notes.emplace_back(
            absl::StrCat(recorder.side(), recorder.warming_up() ? ", warming up" : "", ": ",
                         lateness->Missing(), "; ", *failed, " changes failed; not asked again"));
        lateness->GiveUp();
        audience = nullptr;  // What is left would be sent in the next turns.
      }
      recorder.Record(kMedian, absl::ToDoubleMilliseconds(lateness->late().Percentile(0.5)));
      recorder.Record(kTail, absl::ToDoubleMilliseconds(lateness->late().Percentile(0.99)));
      recorder.Record(kMessages, 100 * lateness->told_share());
      recorder.Latencies(lateness->late());
    };
  });
  run.result().notes.emplace_back(
      "latencies of every change to every watcher, from when the change was to be sent; \"told one "
      "by one\": the share of changes that were not overtaken by a newer one of the instance");
}

}  // namespace

Work ChangesWork() {
  return {"changes",
          "1 000 changes a second to 1 000 watchers",
          {AtMost("p99", 100), AtMost("server cores", 1)},
          Changes};
}

}  // namespace rollcall::bench
