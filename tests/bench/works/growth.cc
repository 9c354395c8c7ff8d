// Whether what one operation costs grows with what there is: the same work at two servers, one with
// few instances and one with many.
#include "absl/strings/str_cat.h"
#include "tests/bench/works/all.h"
#include "tests/bench/works/common.h"
#include "tests/bench/works/filling.h"
#include "tests/bench/works/hearing.h"

namespace rollcall::bench {
namespace {

const Figure kRegisterCpu = {"server CPU per registration", "µs"};
const Figure kBeatCpu = {"server CPU per heartbeat", "µs"};

constexpr char kSmall[] = "10 000";
constexpr int kFew = 10'000;
constexpr int kWatchers = 1000;
constexpr int kChanges = 20;
constexpr int kClients = 1000;

// Everything that is asked of one server.
struct Asked {
  std::shared_ptr<Caller> registering;
  std::shared_ptr<Caller> changing;
  std::shared_ptr<Crowd> crowd;
  std::shared_ptr<Hearing> hearing;
  std::shared_ptr<Audience> audience;
  uint64_t next = 0;
  uint64_t mark = 1;
};

void MeasureRegistrations(Run& run, Side& side, Asked& asked, const Recorder& recorder) {
  const Usage servers(side.servers());
  const CallsResult result =
      CallTimes(run.loop(), *asked.registering, run.Pick(2000, 8000, 20'000), 256, asked.next);
  recorder.Record(kRegisterCpu, servers.CpuMicroseconds() / static_cast<double>(result.done));
  NoteFailures(recorder, result);
}

void MeasureHeartbeats(Run& run, Side& side, Asked& asked, const Recorder& recorder) {
  const Usage servers(side.servers());
  const int rounds = run.Pick(2, 3, 5);
  const auto beats = uint64_t{kClients} * static_cast<uint64_t>(rounds);
  Pace(run.loop(), kClients, beats,
       [&](uint64_t i, absl::Time) { asked.crowd->Beat(i % kClients, [](absl::string_view) {}); });
  recorder.Record(kBeatCpu, servers.CpuMicroseconds() / static_cast<double>(beats));
}

void MeasureDeliveries(Run&, Side& side, Asked& asked, const Recorder& recorder) {
  const Usage servers(side.servers());
  for (int i = 0; i < kChanges; ++i) {
    asked.hearing->Expect(Event::Kind::kChanged, asked.mark);
    asked.changing->Call(asked.mark++, [](absl::string_view) {});
    asked.hearing->Await();
  }
  recorder.Record(kDeliveryCpu, servers.CpuMicroseconds() / (kChanges * kWatchers));
}

Run::Contestant Prepare(Run& run, const std::string& column, int instances) {
  std::unique_ptr<Side> side = run.Make(kOurs);
  if (side == nullptr) return {};
  const auto asked = std::make_shared<Asked>();
  asked->next = 1;
  Fill(run, *side, instances, asked->next);
  CrowdShape crowd;
  crowd.clients = kClients;
  crowd.connections = 100;
  asked->crowd = side->Gather(crowd);
  asked->hearing = std::make_shared<Hearing>(run.loop(), kWatchers);
  asked->changing = side->Changing(1);
  asked->audience = side->Watch({kWatchers, 100, false}, asked->hearing->handler());
  asked->registering = side->Registering({});
  Side* const server = side.get();
  return {column, std::move(side), [&run, server, asked](const Recorder& recorder) {
            MeasureRegistrations(run, *server, *asked, recorder);
            MeasureHeartbeats(run, *server, *asked, recorder);
            MeasureDeliveries(run, *server, *asked, recorder);
          }};
}

void Growth(Run& run) {
  const int many = run.Pick(20'000, 100'000, 1'000'000);
  std::vector<Run::Contestant> contestants;
  contestants.push_back(Prepare(run, kSmall, kFew));
  contestants.push_back(Prepare(run, kOurs, many));
  if (contestants[0].side == nullptr) return;
  run.Measure(contestants);
  run.result().notes.push_back(absl::StrCat("\"", kSmall, "\": Rollcall with so many instances; \"",
                                            kOurs, "\": with ", many,
                                            "; 1 000 heartbeats a second on 1 000 streams"));
}

}  // namespace

Work GrowthWork() {
  return {"growth",
          "cost at 100 000 instances (1 000 000 with --full) beside that at 10 000",
          {AtMost("server CPU per registration", 1.3, kSmall),
           AtMost("server CPU per heartbeat", 1.3, kSmall),
           AtMost("server CPU per delivery", 1.3, kSmall)},
          Growth};
}

}  // namespace rollcall::bench
