#include "server/node/node.h"

#include <utility>

#include "server/model/names.h"
#include "server/model/state_revision.h"

namespace rollcall::node {
namespace {

constexpr absl::Duration kTrimInterval = absl::Minutes(10);
constexpr absl::Duration kWatcherLook = absl::Milliseconds(20);

std::function<absl::Duration()> AgeOf(const store::Store& store) {
  return [&store] { return store.age(); };
}

replica::Replica::Options ReplicaOptions(const Node::Edges& edges) {
  if (!edges.cluster) return {};
  return {.log = &edges.cluster->log, .hashes = true};
}

std::unique_ptr<ClusterMember> MakeMember(const Node::Edges& edges, const Node::Options& options,
                                          replica::Replica& replica) {
  if (!edges.cluster) return nullptr;
  return std::make_unique<ClusterMember>(
      ClusterMember::Parts{*edges.cluster, edges.store, replica, edges.core, edges.clock,
                           edges.random, edges.log},
      ClusterMember::Options{options.id, options.version, options.cluster});
}

ServerSource ServersOf(ClusterMember* cluster) {
  if (cluster == nullptr) return nullptr;
  return [cluster] { return cluster->directory().servers(); };
}

replica::Replica::OnDamage ReportDamage(observe::Log& log) {
  return [&log](const std::string& key, const absl::Status& why) {
    log.Error("a record cannot be read and is left out", {{"key", key}, {"why", why}});
  };
}

history::Trimmer::Report ReportTrim(observe::Log& log) {
  return [&log](const absl::StatusOr<uint64_t>& dropped) {
    if (!dropped.ok()) {
      log.Warning("old history could not be dropped", {{"why", dropped.status()}});
    } else if (*dropped > 0) {
      log.Info("old history dropped", {{"revisions", *dropped}});
    }
  };
}

auto ReportCutOff(observe::Log& log) {
  return [&log](const std::string& client, const std::string& peer, const std::string& reason) {
    log.Warning("watcher cut off", {{"client", client}, {"peer", peer}, {"why", reason}});
  };
}

}  // namespace

Node::Node(Edges edges, Options options)
    : edges_(std::move(edges)),
      views_(edges_.store.id()),
      catalog_(views_),
      replica_(edges_.store, catalog_, edges_.core, edges_.clock, ReportDamage(edges_.log),
               ReplicaOptions(edges_)),
      cluster_(MakeMember(edges_, options, replica_)),
      committer_(edges_.store, catalog_, replica_, edges_.core, edges_.clock, edges_.random,
                 options.committer),
      catch_up_(edges_.store, replica_, edges_.core, edges_.clock),
      commands_(committer_, catch_up_),
      closer_(committer_, commands_, catalog_, edges_.clock, options.id),
      registrations_(commands_),
      verdicts_(committer_, closer_, catch_up_, edges_.clock, options.id),
      facts_(catalog_, views_),
      sweeper_(committer_, catalog_, closer_, edges_.core, edges_.clock,
               {.resume_window = options.resume_window, .actor = options.id.value()}),
      journal_(edges_.log),
      sessions_({.node = options.id, .sweeping = alone()}, {.executor = edges_.core,
                                                            .clock = edges_.clock,
                                                            .random = edges_.random,
                                                            .facts = facts_,
                                                            .writer = verdicts_,
                                                            .events = journal_,
                                                            .servers = ServersOf(cluster_.get())}),
      feed_(edges_.publishers,
            {.views = views_,
             .clock = edges_.clock,
             .make_frame = edges_.make_frame,
             .store_age = AgeOf(edges_.store),
             .on_cut_off = ReportCutOff(edges_.log),
             .servers = ServersOf(cluster_.get())},
            edges_.random),
      history_(edges_.version_log),
      trimmer_(edges_.version_log, options.history, kTrimInterval, edges_.core, edges_.clock,
               ReportTrim(edges_.log)),
      reads_(views_, edges_.core, edges_.clock, replica_, catch_up_),
      registry_(edges_.core, registrations_, closer_, commands_, edges_.random, options.ttl,
                edges_.store.id(), options.id),
      discovery_(views_, reads_, edges_.make_frame, AgeOf(edges_.store)),
      operations_({.core = edges_.core,
                   .history_executor = edges_.history,
                   .clock = edges_.clock,
                   .catalog = catalog_,
                   .views = views_,
                   .commands = commands_,
                   .reads = reads_,
                   .sessions = sessions_,
                   .feed = feed_,
                   .history = history_,
                   .describe_node = std::move(options.describe),
                   .check_room = std::move(options.check_room),
                   .self = options.id,
                   .nodes = alone() ? nullptr : &cluster_->directory(),
                   .others = alone() ? nullptr : &cluster_->others()}),
      change_log_(edges_.log) {
  sweeper_.SetActive(alone());
  replica_.Listen([this](const catalog::Happened& happened) { OnApplied(happened); });
  if (alone()) {
    replica_.OnReady([this](bool ready) { SetReady(ready); });
  } else {
    reads_.SetReady(false);
    registry_.SetReady(false);
    cluster_->Join(HooksOfMember(std::move(options.on_duplicate)));
  }
}

ClusterMember::Hooks Node::HooksOfMember(std::function<void(std::string why)> on_duplicate) {
  return {.sweeping = [this](bool sweeping) { SetSweeping(sweeping); },
          .ready = [this](bool ready) { SetReady(ready); },
          .store_reachable = [this](bool is) { sessions_.SetStoreReachable(is); },
          .presence_confirmed = [this](bool is) { sessions_.SetPresenceConfirmed(is); },
          .isolated = [this](bool is) { SetIsolated(is); },
          .node_present = [this](const NodeId& id,
                                 bool present) { sessions_.OnNodePresenceChanged(id, present); },
          .read_load =
              [this](internal::v1::NodeLoad& load) {
                const health::HealthCounters health = sessions_.counters();
                load.set_sessions(static_cast<uint32_t>(health.sessions));
                load.set_streams(static_cast<uint32_t>(health.connected));
                load.set_watchers(static_cast<uint32_t>(feed_.stats().watchers));
              },
          .duplicate = std::move(on_duplicate)};
}

absl::Status Node::Start() {
  if (absl::Status status = replica_.Start(); !status.ok()) return status;
  sweeper_.Start();
  return absl::OkStatus();
}

void Node::Announce(std::string grpc_address, std::string http_address) {
  if (!alone()) cluster_->Announce(std::move(grpc_address), std::move(http_address));
}

void Node::Leave(std::function<void()> done) {
  if (alone()) return done();
  cluster_->Leave(std::move(done));
}

void Node::SetSweeping(bool sweeping) {
  sessions_.SetSweeping(sweeping);
  sweeper_.SetActive(sweeping);
}

void Node::SetIsolated(bool isolated) {
  if (!isolated) return feed_.TakeAgain();
  feed_.SendAway(
      absl::UnavailableError("this node is cut off from the store, and others are not; watch on "
                             "another node, or with accept_stale"));
}

void Node::SetReady(bool ready) {
  ready_ = ready;
  if (ready) sessions_.Start();
  sessions_.SetReady(ready);
  reads_.SetReady(ready);
  registry_.SetReady(ready);
}

void Node::Drain(absl::Duration over, std::function<void()> done) {
  const base::Instant end = edges_.clock.Steady() + over;
  feed_.CloseAll(absl::UnavailableError("this node is shutting down; use another"), over * 3 / 4);
  std::vector<std::string> elsewhere;
  if (!alone()) {
    cluster_->SetDraining();
    elsewhere = cluster_->OtherServers();
  }
  sessions_.Drain(over, std::move(elsewhere),
                  [this, end, done = std::move(done)] { AwaitWatchers(end, done); });
}

void Node::AwaitWatchers(base::Instant end, const std::function<void()>& done) {
  const base::Instant now = edges_.clock.Steady();
  if (feed_.stats().watchers == 0 || now >= end) {
    done();
    return;
  }
  edges_.core.PostAt(now + kWatcherLook, [this, end, done] { AwaitWatchers(end, done); });
}

void Node::OnApplied(const catalog::Happened& happened) {
  feed_.OnPublished(happened.services, happened.revision);
  TellSessions(happened);
  told_ = happened.revision;
  change_log_.Write(happened);
}

void Node::CountSuspect(const Versioned<internal::v1::SessionRecord>& session, Revision happened) {
  if (StateRevisionOf(session) != happened) return;  // It was suspect before.
  if (session->state() != internal::v1::SESSION_STATE_SUSPECT) return;
  if (session->stamp().cause() == v1::CAUSE_STREAM_BROKEN) ++suspects_.stream_broken;
  if (session->stamp().cause() == v1::CAUSE_BEAT_OVERDUE) ++suspects_.beat_overdue;
}

void Node::TellSessions(const catalog::Happened& happened) {
  for (const SessionId& id : happened.sessions) {
    const auto session = catalog_.Session(id);
    if (!session.exists()) {
      sessions_.OnSessionChanged(id, internal::v1::SESSION_STATE_ENDED, v1::CAUSE_SESSION_UNKNOWN);
      continue;
    }
    CountSuspect(session, happened.revision);
    sessions_.OnSessionChanged(id, session->state(), session->stamp().cause());
    for (const auto& lost : session->lost()) {
      const InstanceName name = NameOf(lost.key());
      // Older losses were told when they happened. Of what was loaded in one piece each has a
      // revision of its own.
      if (catalog_.Instance(name).revision <= told_) continue;
      sessions_.OnSuperseded(id, name, LeaseEpoch(lost.lease_epoch()));
      sessions_.OnHeldChanged(id);
    }
  }
}

}  // namespace rollcall::node
