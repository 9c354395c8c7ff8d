#include "tests/sim/sim_cluster_node.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/self_beats.h"
#include "tests/sim/sim_frame.h"
#include "tests/sim/slow_disk.h"

namespace rollcall::sim {
namespace {

// As rollcalld has them.
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kDrain = absl::Seconds(3);
constexpr size_t kGroupsInFlight = 6;
// Batches of writes that a loss of power may take.
constexpr size_t kMostUnsynced = 6;

// Messages to etcd and back take as long as in one region.
constexpr etcd::Chances kUsual = {.delay_least = absl::Microseconds(200),
                                  .delay_most = absl::Milliseconds(3)};

// Small pages, so that what is loaded comes in several.
const etcd::EtcdStore::Options kStoreOptions = {.paging = {.page = 20}};

}  // namespace

// What dies together.
struct SimClusterNode::Process {
  explicit Process(SimClusterNode& owner)
      : sim(owner),
        executor(owner.queue_, &owner.machine_clock_),
        disk(executor, owner.machine_clock_),
        log({}, owner.machine_clock_,
            [&owner](absl::string_view l) { owner.log_sink_(absl::StrCat(owner.id_, " ", l)); }),
        api(owner.etcd_, executor, owner.machine_clock_),
        peers(owner.peers_, owner.address(), owner.queue_, owner.clock_, executor,
              owner.machine_clock_, owner.random_) {
    auto opened = store::DiskReplica::Open(sim.disk_, disk, executor, sim.machine_clock_,
                                           {.max_backlog_bytes = kMostBacklogBytes});
    ROLLCALL_CHECK(opened.ok(), "the disk opens");
    replica = *std::move(opened);
  }

  void Open() {
    opening = etcd::EtcdStore::Open(api, executor, sim.machine_clock_, sim.random_, kStoreOptions,
                                    [this](absl::StatusOr<std::unique_ptr<etcd::EtcdStore>> s) {
                                      ROLLCALL_CHECK(s.ok(), "waiting for etcd helps");
                                      store = *std::move(s);
                                      opening.reset();
                                      Serve();
                                    });
    executor.PostAt(sim.machine_clock_.Steady() + kPatience, [this] {
      const auto position = replica->position();
      if (store != nullptr || !*position) return;
      opening.reset();
      store = etcd::EtcdStore::Presume(api, executor, sim.machine_clock_, sim.random_,
                                       kStoreOptions, (*position)->store);
      Serve();
    });
  }
  void Serve() {
    leases = std::make_unique<etcd::EtcdLeases>(
        api, executor, sim.machine_clock_, sim.random_,
        etcd::EtcdLeases::Options{.store_record = store->record(), .ttl = kPresenceLease});
    node::Node::Options options;
    options.id = NodeId(sim.id_);
    options.ttl = {absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)};
    options.resume_window = sim.resume_window_;
    options.describe = [this](v1::GetStatusResponse& status) {
      status.set_node_id(sim.id_);
      status.set_store_reachable(node->sessions().store_reachable());
      status.set_ready(node->ready());
      status.set_draining(sim.stopping_);
    };
    options.committer.groups_in_flight = kGroupsInFlight;
    // As rollcalld: another process with this id was there first, and this one ends.
    options.on_duplicate = [this](const std::string& why) {
      sim.log_sink_(absl::StrCat(sim.id_, " ends: ", why));
      executor.Post([&node = sim] { node.queue_.Post([&node] { node.Crash(); }); });
    };
    node = std::make_unique<node::Node>(
        node::Node::Edges{
            .store = *store,
            .version_log = replica->version_log(),
            .core = executor,
            .history = executor,
            .publishers = {&executor},
            .clock = sim.machine_clock_,
            .random = sim.random_,
            .make_frame = SimFrame::Make,
            .log = log,
            .cluster = node::ClusterEdges{*replica, *leases, api, "/rollcall/", peers}},
        std::move(options));
    ROLLCALL_CHECK(node->Start().ok(), "the node starts");
    beats = std::make_unique<SelfBeats>(*node, executor, sim.machine_clock_);
    node->Announce(sim.address(), absl::StrCat(sim.id_, ":7401"));
  }

  SimClusterNode& sim;
  TiedExecutor executor;
  SlowDisk disk;
  observe::Log log;
  etcd::FakeEtcdClient api;
  SimPeers peers;
  std::unique_ptr<store::DiskReplica> replica;
  std::unique_ptr<etcd::EtcdStore::Opening> opening;
  std::unique_ptr<etcd::EtcdStore> store;
  std::unique_ptr<etcd::EtcdLeases> leases;
  std::unique_ptr<node::Node> node;
  std::unique_ptr<SelfBeats> beats;
};

SimClusterNode::SimClusterNode(std::string id, etcd::FakeEtcd& etcd, testing::FakeClock& clock,
                               base::Executor& queue, uint64_t seed, LogSink log,
                               absl::Duration resume_window)
    : id_(std::move(id)),
      etcd_(etcd),
      clock_(clock),
      queue_(queue),
      random_(seed),
      log_sink_(std::move(log)),
      resume_window_(resume_window),
      chances_(kUsual) {}

SimClusterNode::~SimClusterNode() { Crash(); }

void SimClusterNode::Join(PeerNetwork& peers) {
  peers_ = &peers;
  peers.Add(address(), *this);
}

void SimClusterNode::Start() {
  stopping_ = false;
  process_ = std::make_unique<Process>(*this);
  ApplyFaults();
  process_->Open();
}

void SimClusterNode::Crash() {
  if (!running()) return;
  if (up()) TellCrash();
  if (process_->executor.frozen()) pauses_.back().second = clock_.Steady();
  process_ = nullptr;
  disk_.LosePower(disk_.writes() - std::min(disk_.writes(), random_.Below(kMostUnsynced)));
}

void SimClusterNode::Stop() {
  if (!up()) return Crash();
  stopping_ = true;
  const auto end = [this, process = process_.get()] {
    // Not from inside the node.
    process->executor.Post([this] { queue_.Post([this] { Crash(); }); });
  };
  process_->executor.Post(
      [this, end] { process_->node->Drain(kDrain, [this, end] { process_->node->Leave(end); }); });
}

void SimClusterNode::SetFrozen(bool frozen) {
  if (!running() || process_->executor.frozen() == frozen) return;
  process_->executor.SetFrozen(frozen);
  if (frozen) {
    pauses_.emplace_back(clock_.Steady(), base::Instant::InfiniteFuture());
  } else {
    pauses_.back().second = clock_.Steady();
  }
}

bool SimClusterNode::frozen() const { return running() && process_->executor.frozen(); }

SimClusterNode::Pauses SimClusterNode::PausesBetween(base::Instant from, base::Instant to) const {
  Pauses sum;
  for (const auto& [begin, end] : pauses_) {
    const absl::Duration part = std::min(end, to) - std::max(begin, from);
    if (part <= absl::ZeroDuration()) continue;
    sum.total += part;
    ++sum.count;
  }
  return sum;
}

bool SimClusterNode::up() const { return running() && process_->node != nullptr; }
node::Node& SimClusterNode::node() { return *process_->node; }
base::Executor& SimClusterNode::executor() { return process_->executor; }

void SimClusterNode::SetReach(etcd::Reach reach) {
  reach_ = reach;
  ApplyFaults();
}
void SimClusterNode::SetChances(const etcd::Chances& chances) {
  chances_ = chances;
  if (chances.delay_most == absl::ZeroDuration()) chances_ = kUsual;
  ApplyFaults();
}
void SimClusterNode::HoldWatches(bool held) {
  held_ = held;
  ApplyFaults();
}
void SimClusterNode::CutConnections() {
  if (running()) process_->api.CutConnections();
}

void SimClusterNode::LoseNextAnswer() {
  if (running()) process_->api.Next(etcd::CallKind::kTxn, etcd::Fate::kCutAfter);
}

void SimClusterNode::MissNext(const std::string& key) {
  if (!running()) return;
  misled_ = clock_.Steady();
  process_->api.MissNext(absl::StrCat("/rollcall/", key));
}

void SimClusterNode::ApplyFaults() {
  if (!running()) return;
  process_->api.SetReach(reach_);
  process_->api.SetChances(chances_);
  process_->api.HoldWatches(held_);
  process_->disk.SetTime(disk_time_);
}

void SimClusterNode::SetDiskFull(bool full) {
  disk_.now().SetCapacity(full ? 0 : std::numeric_limits<size_t>::max());
}

void SimClusterNode::SetDiskTime(absl::Duration each) {
  disk_time_ = each;
  ApplyFaults();
}

std::optional<Revision> SimClusterNode::PositionOnDisk() {
  const auto position = process_->replica->position();
  ROLLCALL_CHECK(position.ok(), "the disk can be read");
  if (!*position) return std::nullopt;
  return (*position)->revision;
}

store::RecordsHash SimClusterNode::OnDisk() {
  store::RecordsHash held;
  const absl::Status loaded = process_->replica->Load([&](store::Record record) {
    held.hash += store::RecordHash(record.key, record.revision, record.value);
    ++held.records;
  });
  ROLLCALL_CHECK(loaded.ok(), "the disk can be read");
  return held;
}

}  // namespace rollcall::sim
