// World: a whole cluster under virtual time: nodes at one etcd, processes that use the SDK, and
// operators; and the oracles that watch it. Everything in it is production code but for clock,
// chance, network, disk and etcd.
//
// It goes one way only for one seed and one plan, in every process and on every machine. Each party
// draws from a generator of its own, seeded from the world's: an event more or less in the plan
// leaves the chance of the others alone, or a plan could not be cut down to what a failure needs.
//
// Belongs to one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "tests/sim/oracles/oracle.h"
#include "tests/sim/sim_cluster_node.h"
#include "tests/sim/workload/plan.h"
#include "tests/sim/world/call_traffic.h"
#include "tests/sim/world/event_queue.h"
#include "tests/sim/world/findings.h"
#include "tests/sim/world/latest_reader.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/trace.h"

namespace rollcall::sim {

class World final : private SimTransport::Listener {
 public:
  struct Options {
    uint64_t seed = 1;
    int nodes = 3;
    // Puts everything into words.
    bool detailed = false;
    // Keeps what golden traces are made of.
    bool story = false;
    // Without them only the way it went is of interest.
    bool oracles = true;
  };
  static constexpr absl::Duration kTtl = absl::Seconds(10);
  static constexpr absl::Duration kResumeWindow = absl::Seconds(40);
  // By when everybody knows everything once nothing is wrong any more: a presence runs out, then an
  // orphan's TTL and grace, and somebody takes the sweeper's office meanwhile.
  static constexpr absl::Duration kQuiet = absl::Seconds(60);

  explicit World(Options options);
  ~World() override;
  World(const World&) = delete;

  // Carries out the plan, then mends everything and waits until all is quiet. Stops at the first
  // finding.
  void Run(const Plan& plan);
  const std::optional<Finding>& finding() const { return findings_.first(); }
  const Trace& trace() const { return trace_; }
  uint64_t hash() const { return queue_.hash(); }
  uint64_t steps() const { return queue_.ran(); }
  absl::Duration elapsed() const { return queue_.now().SinceOrigin() - kStart; }

  // -- For what is planned.

  void Say(absl::string_view what) { trace_.Say(elapsed(), what); }
  // Runs `task` after this time; a fault ends by it.
  void After(absl::Duration delay, std::function<void()> task);
  // A fault of the cluster is under way until then. Oracles that promise only for quiet times wait.
  void TroubleFor(absl::Duration duration);
  base::Random& chance() { return chance_; }
  EventQueue& queue() { return queue_; }
  etcd::FakeEtcd& etcd() { return etcd_; }
  std::vector<std::unique_ptr<SimClusterNode>>& nodes() { return nodes_; }
  PeerNetwork& peers() { return peers_; }
  // nullptr: there is none.
  SimClusterNode* Node(absl::string_view id);
  void StartNode(SimClusterNode& node);
  Process& Begin(std::string service, std::string id, std::string zone, std::string watches);
  void Kill(Process& process);
  void Stop(Process& process);
  // The newest process that runs as this instance; nullptr: there was none.
  Process* Newest(const std::string& name);
  // An operator's command, through the node; what becomes of it is told to the oracles.
  void Operate(SimClusterNode& node, OperatorCommand command);
  void ReleaseBrakes(const std::string& service);
  // From now on somebody asks for the newest: so often of something, and soon after each change of
  // what was changed. Draws from a generator of its own.
  void ReadLatest(absl::Duration every) { reader_.Begin(every); }
  // Tells the oracles of a request, and through what it returns of the answer.
  template <typename Response>
  SimTransport::Heard<Response> Hear(const google::protobuf::Message& request) {
    const uint64_t call = ++asked_;
    Tell([&](Oracle& oracle) { oracle.OnAsked(*this, call, request); });
    return [this, call](const absl::StatusOr<Response>& answer) {
      // The change may have been made in this very step.
      truth_.ReadOn();
      const google::protobuf::Message* const message = answer.ok() ? &*answer : nullptr;
      Tell([&](Oracle& oracle) { oracle.OnAnswered(*this, call, answer.status(), message); });
    };
  }

  void TellCalling(const MadeCall& call) {
    Tell([&](Oracle& oracle) { oracle.OnCalling(*this, call); });
  }
  void TellTried(const MadeCall& call) {
    Tell([&](Oracle& oracle) { oracle.OnTried(*this, call); });
  }
  void TellCalled(const MadeCall& call) {
    Tell([&](Oracle& oracle) { oracle.OnCalled(*this, call); });
  }

  // -- For oracles.

  base::Instant now() const { return queue_.now(); }
  // When the clock of this party, a node or somebody else, showed this time of day.
  base::Instant InstantOf(const google::protobuf::Timestamp& time, absl::string_view party) const;
  // How much of a time by a node's clock has passed at least: clocks drift.
  double least_pace() const { return drifts() ? 1 - 2 * kMostDrift / 1e6 : 1; }
  const Truth& truth() const { return truth_; }
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }
  const std::vector<std::unique_ptr<SimClusterNode>>& nodes() const { return nodes_; }
  const etcd::FakeEtcd& etcd() const { return etcd_; }
  const EventQueue& queue() const { return queue_; }
  Process* ProcessOf(const std::string& client_name) const;
  // It reaches no node, in either direction.
  bool CutOff(const Process& process) const;
  // Since when no fault of the cluster has been under way; infinite future while one is.
  base::Instant quiet_since() const;
  const std::vector<OperatorCommand>& commands() const { return commands_; }
  base::Instant brakes_released() const { return brakes_released_; }

 private:
  static constexpr absl::Duration kStart = absl::Hours(1);  // FakeClock
  static constexpr uint64_t kLookEvery = 1000;
  // Steps of one instant: more, and it never ends.
  static constexpr uint64_t kMostAtOnce = 1'000'000;
  static constexpr int kMostDrift = 10'000;  // parts in a million
  static constexpr absl::Duration kPickEvery = absl::Seconds(1);
  static constexpr absl::Duration kTickEvery = absl::Milliseconds(250);

  SimTransport::Heard<v1::RegisterResponse> Asked(const v1::RegisterRequest& request) override {
    return Hear<v1::RegisterResponse>(request);
  }
  SimTransport::Heard<v1::DeregisterResponse> Asked(const v1::DeregisterRequest& request) override {
    return Hear<v1::DeregisterResponse>(request);
  }
  SimTransport::Heard<v1::GetInstanceResponse> Asked(
      const v1::GetInstanceRequest& request) override {
    return Hear<v1::GetInstanceResponse>(request);
  }

  // In most worlds all clocks go alike, so that bounds can be exact.
  bool drifts() const { return options_.seed % 4 == 2; }
  // Until then or a finding.
  void RunUntil(base::Instant end);
  void AfterStep();
  // A line of a node's log.
  void Log(absl::string_view line);
  void Apply(const PlannedEvent& event);
  void MendAll();
  void Pick();
  void Tick();
  void Double(Process& process);
  // An operator's order to remove this instance was given just now, and may take effect later.
  void NoteRemoval(const std::string& name);
  void OnRegistration(Process& process, const RegistrationStatus& status);
  template <typename F>
  void Tell(F tell) {
    for (const auto& oracle : oracles_) tell(*oracle);
  }

  const Options options_;
  const std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  EventQueue queue_{*clock_};
  Trace trace_;
  Findings findings_;
  base::Instant instant_;  // of the last step, and how many had run before it began
  uint64_t ran_until_instant_ = 0;
  base::SeededRandom chance_;
  base::SeededRandom etcd_random_;
  etcd::FakeEtcd etcd_;
  PeerNetwork peers_;
  std::vector<std::unique_ptr<SimClusterNode>> nodes_;
  SimNetwork network_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::map<std::string, Process*> by_name_;
  std::map<std::string, Process*> newest_;
  std::vector<OperatorCommand> commands_;
  // By "service/id": until when an order to remove it may take effect.
  std::map<std::string, base::Instant> removals_;
  base::Instant trouble_until_;
  base::Instant brakes_released_ = base::Instant::FromOrigin(absl::ZeroDuration());
  std::vector<std::unique_ptr<Oracle>> oracles_;
  std::vector<Oracle*> steppers_;
  uint64_t asked_ = 0;
  LatestReader reader_;
  CallTraffic calls_;
  Truth truth_;
};

}  // namespace rollcall::sim
