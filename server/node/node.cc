#include "server/node/node.h"

#include <utility>

#include "server/model/names.h"
#include "server/model/state_revision.h"

namespace rollcall::node {
namespace {

constexpr absl::Duration kTrimInterval = absl::Minutes(10);
constexpr absl::Duration kWatcherLook = absl::Milliseconds(20);

// One machine: the store is this process, so it is always confirmed.
absl::Duration NoAge() { return absl::ZeroDuration(); }

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
      ready_at_start_(options.ready),
      views_(edges_.store.id()),
      catalog_(views_),
      replica_(edges_.store, catalog_, edges_.core, edges_.clock, ReportDamage(edges_.log)),
      committer_(edges_.store, catalog_, replica_, edges_.core, edges_.clock, edges_.random,
                 options.committer),
      catch_up_(edges_.store, replica_, edges_.clock),
      commands_(committer_, catch_up_),
      closer_(committer_, commands_, catalog_, edges_.clock, options.id),
      registrations_(commands_),
      verdicts_(committer_, closer_, catch_up_, edges_.clock, options.id),
      facts_(catalog_, views_),
      sweeper_(committer_, catalog_, closer_, edges_.core, edges_.clock,
               {.resume_window = options.resume_window, .actor = options.id.value()}),
      journal_(edges_.log),
      sessions_({.node = options.id, .sweeping = options.sweeping}, {.executor = edges_.core,
                                                                     .clock = edges_.clock,
                                                                     .random = edges_.random,
                                                                     .facts = facts_,
                                                                     .writer = verdicts_,
                                                                     .events = journal_}),
      feed_(edges_.publishers,
            {.views = views_,
             .clock = edges_.clock,
             .make_frame = edges_.make_frame,
             .store_age = NoAge,
             .on_cut_off = ReportCutOff(edges_.log)},
            edges_.random),
      history_(edges_.version_log),
      trimmer_(edges_.version_log, options.history, kTrimInterval, edges_.core, edges_.clock,
               ReportTrim(edges_.log)),
      registry_(edges_.core, registrations_, closer_, commands_, edges_.random, options.ttl,
                edges_.store.id(), options.id),
      discovery_(views_, edges_.core, edges_.clock, replica_, edges_.store, edges_.make_frame,
                 NoAge),
      operations_({.core = edges_.core,
                   .history_executor = edges_.history,
                   .clock = edges_.clock,
                   .catalog = catalog_,
                   .views = views_,
                   .committer = committer_,
                   .sessions = sessions_,
                   .feed = feed_,
                   .history = history_,
                   .describe_node = std::move(options.describe),
                   .self = options.id}),
      change_log_(edges_.log) {
  sweeper_.SetActive(options.sweeping);
  registry_.SetReady(options.ready);
  replica_.Listen([this](const catalog::Happened& happened) { OnApplied(happened); });
}

absl::Status Node::Start() {
  if (absl::Status status = replica_.Start(); !status.ok()) return status;
  if (ready_at_start_) SetReady(true);
  sweeper_.Start();
  return absl::OkStatus();
}

void Node::SetSweeping(bool sweeping) {
  sessions_.SetSweeping(sweeping);
  sweeper_.SetActive(sweeping);
}

void Node::SetReady(bool ready) {
  if (ready) sessions_.Start();
  sessions_.SetReady(ready);
  registry_.SetReady(ready);
}

void Node::Drain(absl::Duration over, std::function<void()> done) {
  const base::Instant end = edges_.clock.Steady() + over;
  feed_.CloseAll(absl::UnavailableError("this node is shutting down; use another"), over * 3 / 4);
  sessions_.Drain(over, {}, [this, end, done = std::move(done)] { AwaitWatchers(end, done); });
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
      // Older losses were told when they happened.
      if (catalog_.Instance(name).revision != happened.revision) continue;
      sessions_.OnSuperseded(id, name, LeaseEpoch(lost.lease_epoch()));
      sessions_.OnHeldChanged(id);
    }
  }
}

}  // namespace rollcall::node
