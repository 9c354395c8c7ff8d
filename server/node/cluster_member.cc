#include "server/node/cluster_member.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/model/keys.h"
#include "server/model/times.h"
#include "server/store/contact.h"

namespace rollcall::node {
namespace {

// How often the store's age is looked at.
constexpr absl::Duration kStoreLook = absl::Milliseconds(100);

}  // namespace

ClusterMember::ClusterMember(const Parts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      started_(parts.clock.Steady()),
      directory_(parts.clock),
      lost_(options_.id, options_.limits.resume_window, parts.clock),
      others_(options_.id, directory_, lost_, parts.edges.peers, parts.clock),
      store_hash_(parts.edges.etcd, etcd::KeyPrefix(parts.edges.prefix)),
      compactor_(parts.edges.etcd, parts.core, parts.clock, parts.log,
                 [&replica = parts.replica] { return replica.applied(); },
                 {.resume_window = options_.limits.resume_window}),
      store_watch_(parts.edges.etcd, parts.core, parts.clock, parts.log,
                   {.quota_bytes = static_cast<int64_t>(options_.limits.quota_bytes),
                    .disarm = !options_.limits.shared}),
      auditor_(EdgesOfAuditor(), {options_.id, options_.limits.audit_interval}),
      sweeper_(parts.edges.leases, parts.core, parts.clock, parts.random, kSweeperKey, options_.id,
               [this](bool held) { SetSweeping(held); }),
      incarnation_(parts.random.Hex128()),
      id_claim_(parts.edges.leases, parts.core, parts.clock, parts.random, options_.id,
                incarnation_, [this] { LookForDouble(*directory_.snapshot()); }),
      isolation_(
          options_.id, directory_, parts.core, parts.clock, parts.random,
          [this](const cluster::PresentNode& node, cluster::Isolation::Answer answer) {
            AskWhetherInTouch(node, std::move(answer));
          },
          [this](bool isolated) { SetIsolated(isolated); }) {}

cluster::Auditor::Edges ClusterMember::EdgesOfAuditor() {
  return {.store = parts_.store,
          .leases = parts_.edges.leases,
          .replica = parts_.replica,
          .directory = directory_,
          .core = parts_.core,
          .clock = parts_.clock,
          .log = parts_.log,
          .announce =
              [this](internal::v1::AuditAnswer answer) {
                audit_ = std::move(answer);
                if (presence_ != nullptr) presence_->SetAudit(audit_);
              },
          .read_hash =
              [this](Revision revision, cluster::Auditor::HashDone done) {
                store_hash_.Read(revision, std::move(done));
              }};
}

void ClusterMember::Join(Hooks hooks) {
  hooks_ = std::move(hooks);
  hooks_.sweeping(false);
  // Until the store has our announcement, others may judge the sessions that are at home here.
  hooks_.presence_confirmed(false);
  directory_.Listen([this](const cluster::NodeSnapshot& before, const cluster::NodeSnapshot& now) {
    lost_.OnNodes(before, now);
    OnNodes(before, now);
  });
  parts_.replica.ListenControl(
      [this](const std::string& key, Revision revision, const std::optional<std::string>& value) {
        directory_.OnControl(key, revision, value);
        sweeper_.OnControl(key, revision, value);
        id_claim_.OnControl(key, revision, value);
      });
  parts_.replica.OnReady([this](bool ready) { SetReady(ready); });
  parts_.edges.leases.OnLost([this] {
    sweeper_.OnLeaseLost();
    id_claim_.OnLeaseLost();
  });
  LookAtStore();
  store_watch_.Start();
  if (!options_.limits.shared) compactor_.Start();
}

void ClusterMember::SetSweeping(bool sweeping) {
  sweeping_ = sweeping;
  parts_.log.Info(sweeping ? "this node sweeps for all from now on"
                           : "this node no longer sweeps for all");
  hooks_.sweeping(sweeping);
  compactor_.SetActive(sweeping);
  store_watch_.SetActive(sweeping);
  auditor_.SetAsking(sweeping);
}

void ClusterMember::OnNodes(const cluster::NodeSnapshot& before, const cluster::NodeSnapshot& now) {
  for (const cluster::PresentNode& node : now.nodes) {
    const NodeId id(node.record.id());
    if (before.Find(id) == nullptr) hooks_.node_present(id, true);
  }
  for (const cluster::PresentNode& node : before.nodes) {
    const NodeId id(node.record.id());
    if (now.Find(id) == nullptr) hooks_.node_present(id, false);
  }
  LogNodes(before, now);
  LookForDouble(now);
}

// Who writes our key after we have written it is alive. Of the two that have this id the one whose
// it is, as the store says, goes on saying so; the other goes.
void ClusterMember::LookForDouble(const cluster::NodeSnapshot& now) {
  if (presence_ == nullptr) return;
  const cluster::PresentNode* seen = now.Find(options_.id);
  const bool own = seen != nullptr && seen->record.incarnation() == incarnation_;
  if (seen != nullptr) presence_->OnOwnRecord(seen->record);
  announced_ = announced_ || own;
  ours_ = own;
  // What a process that ended has left is not met.
  if (seen != nullptr && !own && announced_) MeetDouble(seen->record);
  TellConfirmed();
}

void ClusterMember::MeetDouble(const internal::v1::NodeRecord& other) {
  const std::string why =
      absl::StrCat("another process says that it is node \"", options_.id.value(), "\", at ",
                   other.grpc_address(), "; give one of them another --node-id");
  parts_.log.Error("two nodes have one id", {{"why", why}});
  switch (id_claim_.Against(other.incarnation())) {
    case cluster::IdClaim::Verdict::kOurs:
      ours_ = true;
      return presence_->Insist();  // So that the other hears of it at once.
    case cluster::IdClaim::Verdict::kTheirs:
      return hooks_.duplicate(why);
    case cluster::IdClaim::Verdict::kOpen:
      return;  // Looked at again when it is decided.
  }
}

void ClusterMember::TellConfirmed() {
  const bool confirmed = presence_->confirmed() && ours_;
  if (leaving_ || std::exchange(confirmed_, confirmed) == confirmed) return;
  if (!presence_->confirmed()) {
    parts_.log.Warning("the others may soon take this node for gone");
  }
  hooks_.presence_confirmed(confirmed);
  if (confirmed) joined_ = true;
}

void ClusterMember::LogNodes(const cluster::NodeSnapshot& before,
                             const cluster::NodeSnapshot& now) const {
  for (const cluster::PresentNode& node : now.nodes) {
    const cluster::PresentNode* was = before.Find(NodeId(node.record.id()));
    if (was == nullptr) {
      parts_.log.Info("node is present",
                      {{"node", node.record.id()}, {"grpc", node.record.grpc_address()}});
    } else if (was->record.incarnation() != node.record.incarnation()) {
      parts_.log.Info("node was started again",
                      {{"node", node.record.id()}, {"grpc", node.record.grpc_address()}});
    }
  }
  for (const cluster::PresentNode& node : before.nodes) {
    if (now.Find(NodeId(node.record.id())) != nullptr) continue;
    if (node.record.leaving()) {
      parts_.log.Info("node has left", {{"node", node.record.id()}});
    } else {
      parts_.log.Warning("node is gone", {{"node", node.record.id()}});
    }
  }
}

void ClusterMember::SetReady(bool ready) {
  ready_ = ready;
  hooks_.ready(ready);
  if (presence_ != nullptr) {
    presence_->SetReady(ready);
    if (ready) presence_->Start();
  }
  // Who knows less than the others does not act for them.
  if (ready && !draining_) {
    sweeper_.Start();
  } else {
    sweeper_.Stop(nullptr);
  }
}

void ClusterMember::LookAtStore() {
  const bool reachable = store::Reachable(parts_.store);
  if (std::exchange(reachable_, reachable) != reachable) {
    if (reachable) {
      parts_.log.Info("the store can be reached again");
    } else {
      parts_.log.Warning("the store cannot be reached; no session's deadline advances");
    }
    hooks_.store_reachable(reachable);
  }
  // One of the two is not enough: who reaches the store is not behind, and a short trouble that the
  // others cannot notice sends nobody away.
  isolation_.SetCutOff(!reachable && joined_ && !presence_->confirmed());
  parts_.core.PostAt(parts_.clock.Steady() + kStoreLook, [this] { LookAtStore(); });
}

void ClusterMember::AskWhetherInTouch(const cluster::PresentNode& node,
                                      cluster::Isolation::Answer answer) {
  const rpc::Peer peer{node.record.id(), node.record.grpc_address()};
  parts_.edges.peers.GetStatus(
      peer, cluster::Isolation::kAnswerWithin,
      [this, id = peer.id,
       answer = std::move(answer)](absl::StatusOr<v1::GetStatusResponse> status) mutable {
        // Its id: something else may be at that address by now.
        const bool in_touch = status.ok() && status->node_id() == id && status->ready() &&
                              status->store_reachable() && !status->draining();
        parts_.core.Post([in_touch, answer = std::move(answer)]() mutable { answer(in_touch); });
      });
}

void ClusterMember::SetIsolated(bool isolated) {
  if (isolated) {
    parts_.log.Warning("only this node cannot reach the store; its watchers are sent to others");
  } else {
    parts_.log.Info("this node is not behind others any more");
  }
  hooks_.isolated(isolated);
}

void ClusterMember::Announce(std::string grpc_address, std::string http_address) {
  internal::v1::NodeRecord self;
  self.set_id(options_.id.value());
  self.set_grpc_address(std::move(grpc_address));
  self.set_http_address(std::move(http_address));
  self.set_version(options_.version);
  *self.mutable_started() = ToProto(parts_.clock.Wall() - (parts_.clock.Steady() - started_));
  self.set_incarnation(incarnation_);
  presence_ = std::make_unique<cluster::Presence>(parts_.edges.leases, parts_.core, parts_.clock,
                                                  std::move(self), hooks_.read_load);
  presence_->OnConfirmed([this](bool) { TellConfirmed(); });
  id_claim_.Start();
  presence_->SetReady(ready_);
  if (audit_.revision() > 0) presence_->SetAudit(audit_);
  // Who begins with nothing has no sessions to be there for, and loads everything first, during
  // which it could not renew its lease.
  if (ready_ || parts_.replica.applied() > Revision(0)) presence_->Start();
}

void ClusterMember::SetDraining() {
  draining_ = true;
  if (presence_ != nullptr) presence_->SetDraining();
  sweeper_.Stop(nullptr);
}

void ClusterMember::Leave(std::function<void()> done) {
  if (presence_ == nullptr) return done();
  leaving_ = true;
  presence_->Withdraw([this, done = std::move(done)](const absl::Status&) {
    parts_.edges.leases.End([done](const absl::Status&) { done(); });
  });
}

std::vector<std::string> ClusterMember::OtherServers() const {
  std::vector<std::string> others;
  const auto snapshot = directory_.snapshot();
  const cluster::PresentNode* self = snapshot->Find(options_.id);
  for (const std::string& server : *snapshot->servers) {
    if (self == nullptr || server != self->record.grpc_address()) others.push_back(server);
  }
  return others;
}

}  // namespace rollcall::node
