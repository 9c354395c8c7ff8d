#include "tests/sim/world/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/check.h"
#include "server/model/times.h"
#include "tests/sim/faults/verb.h"
#include "tests/sim/oracles/all.h"
#include "tests/sim/world/spoken.h"

namespace rollcall::sim {
namespace {

// After nothing is wrong any more: the time in which what was held up is made good.
constexpr absl::Duration kAftermath = absl::Seconds(30);
// Of these the time in which somebody who comes need not find everything well.
constexpr absl::Duration kMended = absl::Seconds(3);
constexpr absl::Duration kProbe = absl::Seconds(5);
// Processes that pick each time.
constexpr size_t kPickers = 4;

// Numbers that differ for each party, and for each seed.
uint64_t SeedFor(uint64_t seed, uint64_t party) {
  base::SeededRandom mixed(seed * 0x9e37'79b9'7f4a'7c15u + party);
  return mixed.Next();
}

}  // namespace

World::World(Options options)
    : options_(options),
      trace_(options.detailed),
      chance_(SeedFor(options.seed, 1)),
      etcd_random_(SeedFor(options.seed, 2)),
      etcd_(queue_, *clock_, etcd_random_),
      trouble_until_(queue_.now()),
      oracles_(options.oracles ? MakeOracles(findings_) : std::vector<std::unique_ptr<Oracle>>()),
      reader_(*this, SeedFor(options.seed, 3)),
      calls_(*this, SeedFor(options.seed, 4)),
      truth_(etcd_.keys(), *clock_, [this](const TruthChange& change) {
        queue_.Note(static_cast<uint64_t>(change.revision));
        Say(Spoken(change));
        Tell([&](Oracle& oracle) { oracle.OnChange(*this, change); });
        reader_.OnChange(change);
      }) {
  if (options.story) trace_.KeepStory();
  for (const auto& oracle : oracles_) {
    if (oracle->wants_steps()) steppers_.push_back(oracle.get());
  }
  for (int i = 1; i <= options.nodes; ++i) {
    const std::string id = absl::StrCat("node-", i);
    nodes_.push_back(std::make_unique<SimClusterNode>(
        id, etcd_, *clock_, queue_, SeedFor(options.seed, 100 + i),
        [this](absl::string_view line) { Log(line); }, kResumeWindow));
    network_[nodes_.back()->address()] = nodes_.back().get();
    nodes_.back()->Join(peers_);
    if (!drifts()) continue;
    base::SeededRandom drift(SeedFor(options.seed, 200 + i));
    const int ppm = static_cast<int>(drift.Below(2 * kMostDrift + 1)) - kMostDrift;
    nodes_.back()->machine_clock().SetDrift(ppm);
  }
  for (const auto& node : nodes_) StartNode(*node);
  RunUntil(queue_.now() + absl::Seconds(2));
  queue_.PostAt(queue_.now() + kPickEvery, [this] { Pick(); });
  queue_.PostAt(queue_.now() + kTickEvery, [this] { Tick(); });
  calls_.Begin();
}

World::~World() {
  for (const auto& process : processes_) {
    if (process->alive) process->client->Die();
  }
  for (const auto& node : nodes_) node->Crash();
}

void World::Run(const Plan& plan) {
  const base::Instant start = queue_.now();
  for (const PlannedEvent& event : plan.events) {
    RunUntil(start + event.at);
    if (finding()) return;
    Apply(event);
  }
  RunUntil(start + plan.end);
  if (finding()) return;
  Say("all is mended");
  MendAll();
  RunUntil(queue_.now() + kMended);
  Process& early = Begin("probe", "early", "", "probe");
  RunUntil(queue_.now() + kAftermath - kMended);
  Process& late = Begin("probe", "late", "", "probe");
  RunUntil(queue_.now() + kProbe);
  if (finding()) return;
  Stop(early);
  Stop(late);
  RunUntil(queue_.now() + kQuiet - kAftermath);
  if (finding()) return;
  Say("all is quiet");
  Tell([&](Oracle& oracle) { oracle.OnLook(*this); });
  Tell([&](Oracle& oracle) { oracle.AtEnd(*this); });
}

void World::RunUntil(base::Instant end) {
  while (!finding() && queue_.RunOne(end)) AfterStep();
  if (!finding()) queue_.PassTo(end);
}

void World::AfterStep() {
  if (queue_.now() != instant_) {
    instant_ = queue_.now();
    ran_until_instant_ = queue_.ran();
  } else if (queue_.ran() - ran_until_instant_ > kMostAtOnce) {
    findings_.Add("world", absl::StrCat("time stands still for ", kMostAtOnce, " steps"));
  }
  truth_.ReadOn();
  for (Oracle* oracle : steppers_) oracle->OnStep(*this);
  if (queue_.ran() % kLookEvery != 0) return;
  Tell([&](Oracle& oracle) { oracle.OnLook(*this); });
}

void World::Apply(const PlannedEvent& event) {
  Say(absl::StrCat("-- ", event.Line()));
  const Verb* const verb = FindVerb(event.words[0]);
  ROLLCALL_CHECK(verb != nullptr, "a plan has known verbs only");
  verb->apply(*this, {event.words.begin() + 1, event.words.end()});
  truth_.ReadOn();
}

void World::After(absl::Duration delay, std::function<void()> task) {
  queue_.PostAt(queue_.now() + delay, std::move(task));
}

void World::TroubleFor(absl::Duration duration) {
  trouble_until_ = std::max(trouble_until_, queue_.now() + duration);
}

base::Instant World::InstantOf(const google::protobuf::Timestamp& time,
                               absl::string_view party) const {
  for (const auto& node : nodes_) {
    if (node->id() == party) return node->machine_clock().WhenShown(FromProto(time));
  }
  return now() - (clock_->Wall() - FromProto(time));
}

base::Instant World::quiet_since() const {
  return trouble_until_ > queue_.now() ? base::Instant::InfiniteFuture() : trouble_until_;
}

SimClusterNode* World::Node(absl::string_view id) {
  for (const auto& node : nodes_) {
    if (node->id() == id) return node.get();
  }
  return nullptr;
}

// "node-1 2024-01-01T00:01:54.627Z error   what": errors belong to the story, without their time.
void World::Log(absl::string_view line) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits("Z error", 1));
  if (parts.second.empty()) return trace_.Aside(elapsed(), line);
  Say(absl::StrCat(line.substr(0, line.find(' ')),
                   " reports: ", absl::StripLeadingAsciiWhitespace(parts.second)));
}

void World::StartNode(SimClusterNode& node) {
  if (node.running()) return;
  node.Start();
  Tell([&](Oracle& oracle) { oracle.OnNodeStarted(*this, node); });
}

void World::MendAll() {
  etcd_.SetQuorum(true);
  for (const auto& node : nodes_) {
    node->SetReach(etcd::Reach::kOpen);
    node->SetChances({});
    node->HoldWatches(false);
    node->SetDiskFull(false);
    node->SetDiskTime(absl::ZeroDuration());
    node->SetFrozen(false);
    peers_.Rejoin(node->address(), queue_);
    StartNode(*node);
    for (const auto& process : processes_) {
      if (!process->alive) continue;
      Path* const ways[] = {&process->client->transport().way_to(node->address()),
                            &process->client->transport().way_from(node->address())};
      for (Path* way : ways) {
        way->SetLoss(0);
        way->SetSlower(absl::ZeroDuration());
        way->Heal(queue_);
      }
    }
  }
  for (const auto& process : processes_) {
    if (process->alive) process->client->SetFrozen(false);
  }
  TroubleFor(absl::ZeroDuration());
}

// Processes.

Process& World::Begin(std::string service, std::string id, std::string zone, std::string watches) {
  auto begun = std::make_unique<Process>();
  Process& process = *begun;
  const std::string role = service.empty() ? "caller" : absl::StrCat(service, "/", id);
  process.name = absl::StrCat(role, "#", processes_.size());
  process.service = std::move(service);
  process.id = std::move(id);
  process.zone = std::move(zone);
  process.group = absl::StrCat(process.service, " in ", process.zone);
  process.watches = std::move(watches);
  process.began = queue_.now();
  process.hampered_until = queue_.now();
  process.client = std::make_unique<SimClient>(
      network_, clock_, queue_, process.name, SeedFor(options_.seed, 1000 + processes_.size()),
      Delays{},
      [this, &process](const v1::WatchResponse& message) {
        if (trace_.detailed()) {
          trace_.Aside(elapsed(),
                       absl::StrCat(process.name, " hears ", message.ShortDebugString()));
        }
        Tell([&](Oracle& oracle) { oracle.OnWatched(*this, process, message); });
      },
      [this, &process](const std::string& text) {
        if (trace_.detailed()) trace_.Aside(elapsed(), absl::StrCat(process.name, ": ", text));
      });
  process.client->transport().SetListener(this);
  processes_.push_back(std::move(begun));
  by_name_[process.name] = &process;
  if (process.registers()) {
    Process*& newest = newest_[role];
    if (newest != nullptr) Double(process);
    newest = &process;
    const auto removal = removals_.find(role);
    process.removed = removal != removals_.end() && removal->second > queue_.now();
    process.client->Register(
        process.service, process.id, process.zone,
        [this, &process](const RegistrationStatus& status) { OnRegistration(process, status); });
  }
  if (!process.watches.empty()) process.client->Watch(process.watches);
  return process;
}

// Who else runs as this instance is superseded; or, when it cannot be told who is newer, either may
// win.
void World::Double(Process& process) {
  for (const auto& other : processes_) {
    if (other.get() == &process || !other->alive || other->superseded) continue;
    if (other->service != process.service || other->id != process.id) continue;
    const bool clear = other->stays() && other->acknowledged && quiet_since() <= now() &&
                       other->hampered_until < now();
    other->superseded = clear;
    if (!clear) other->contested = process.contested = true;
  }
}

void World::OnRegistration(Process& process, const RegistrationStatus& status) {
  if (status.state != RegistrationState::kRegistered || status.lease_epoch == 0) return;
  // Said once more, for example with the error of a try to come back, it is no acknowledgement.
  if (status.lease_epoch == process.lease_epoch) return;
  if (trace_.detailed()) {
    Say(absl::StrCat(process.name, " is registered, epoch ", status.lease_epoch));
  }
  // The change may have been made in this very step.
  truth_.ReadOn();
  Tell([&](Oracle& oracle) { oracle.OnAcknowledged(*this, process, status.lease_epoch); });
  process.lease_epoch = status.lease_epoch;
  if (!process.acknowledged) process.acknowledged = queue_.now();
}

void World::Kill(Process& process) {
  if (!process.alive) return;
  process.alive = false;
  if (!process.stopping) process.ended = queue_.now();
  process.client->Die();
  if (!process.stopping) Tell([&](Oracle& oracle) { oracle.OnDeath(*this, process); });
}

void World::Stop(Process& process) {
  if (!process.alive || process.stopping) return;
  process.stopping = true;
  process.ended = queue_.now();
  Tell([&](Oracle& oracle) { oracle.OnDeath(*this, process); });
  // Not from inside the client.
  process.client->Stop([this, &process] { queue_.Post([this, &process] { Kill(process); }); });
}

Process* World::Newest(const std::string& name) {
  const auto at = newest_.find(name);
  return at == newest_.end() ? nullptr : at->second;
}

Process* World::ProcessOf(const std::string& client_name) const {
  const auto at = by_name_.find(client_name);
  return at == by_name_.end() ? nullptr : at->second;
}

bool World::CutOff(const Process& process) const {
  if (!process.alive) return false;
  SimTransport& transport = process.client->transport();
  return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
    return transport.way_to(node->address()).blocked() &&
           transport.way_from(node->address()).blocked();
  });
}

void World::Pick() {
  for (size_t i = 0; i < kPickers && !processes_.empty(); ++i) {
    const Process& process = *processes_[chance_.Below(processes_.size())];
    if (!process.alive || process.watches.empty() || process.client->frozen()) continue;
    Tell([&](Oracle& oracle) { oracle.OnPick(*this, process); });
  }
  queue_.PostAt(queue_.now() + kPickEvery, [this] { Pick(); });
}

void World::Tick() {
  Tell([&](Oracle& oracle) { oracle.OnTick(*this); });
  queue_.PostAt(queue_.now() + kTickEvery, [this] { Tick(); });
}

}  // namespace rollcall::sim
