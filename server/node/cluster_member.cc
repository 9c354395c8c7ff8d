#include "server/node/cluster_member.h"

#include <utility>

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
      others_(options_.id, directory_, parts.edges.peers, parts.clock) {}

void ClusterMember::Join(Hooks hooks) {
  hooks_ = std::move(hooks);
  directory_.Listen([this](const cluster::NodeSnapshot& before, const cluster::NodeSnapshot& now) {
    OnNodes(before, now);
  });
  parts_.replica.ListenControl(
      [this](const std::string& key, Revision revision, const std::optional<std::string>& value) {
        directory_.OnControl(key, revision, value);
      });
  parts_.replica.OnReady([this](bool ready) { SetReady(ready); });
  LookAtStore();
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
}

void ClusterMember::SetReady(bool ready) {
  ready_ = ready;
  hooks_.ready(ready);
  if (presence_ != nullptr) presence_->SetReady(ready);
}

void ClusterMember::LookAtStore() {
  const bool reachable = store::Reachable(parts_.store);
  if (std::exchange(reachable_, reachable) != reachable) {
    if (reachable) {
      parts_.log.Info("the store can be reached again");
    } else {
      parts_.log.Warning("the store cannot be reached; no session's deadline advances",
                         {{"since", parts_.store.age()}});
    }
    hooks_.store_reachable(reachable);
  }
  parts_.core.PostAt(parts_.clock.Steady() + kStoreLook, [this] { LookAtStore(); });
}

void ClusterMember::Announce(std::string grpc_address, std::string http_address) {
  internal::v1::NodeRecord self;
  self.set_id(options_.id.value());
  self.set_grpc_address(std::move(grpc_address));
  self.set_http_address(std::move(http_address));
  self.set_version(options_.version);
  *self.mutable_started() = ToProto(parts_.clock.Wall() - (parts_.clock.Steady() - started_));
  self.set_incarnation(parts_.random.Hex128());
  presence_ = std::make_unique<cluster::Presence>(parts_.edges.leases, parts_.core, parts_.clock,
                                                  std::move(self), hooks_.read_load);
  presence_->OnConfirmed([this](bool confirmed) {
    if (!confirmed) parts_.log.Warning("the others may soon take this node for gone");
    hooks_.presence_confirmed(confirmed);
  });
  presence_->SetReady(ready_);
  presence_->Start();
}

void ClusterMember::SetDraining() {
  if (presence_ != nullptr) presence_->SetDraining();
}

void ClusterMember::Leave(std::function<void()> done) {
  if (presence_ == nullptr) return done();
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
