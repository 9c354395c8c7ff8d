#include "server/cluster/node_directory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/strip.h"
#include "server/model/keys.h"

namespace rollcall::cluster {
namespace {

bool TakesClients(const internal::v1::NodeRecord& node) {
  return node.load().ready() && !node.draining() && !node.grpc_address().empty();
}

}  // namespace

const PresentNode* NodeSnapshot::Find(const NodeId& id) const {
  const auto at = std::lower_bound(
      nodes.begin(), nodes.end(), id,
      [](const PresentNode& node, const NodeId& i) { return node.record.id() < i.value(); });
  return at == nodes.end() || at->record.id() != id.value() ? nullptr : &*at;
}

NodeDirectory::NodeDirectory(const base::Clock& clock)
    : clock_(clock), snapshot_(std::make_shared<const NodeSnapshot>()) {}

void NodeDirectory::OnControl(absl::string_view key, Revision revision,
                              const std::optional<std::string>& value) {
  if (key == kSweeperKey) {
    NodeId holder(value.value_or(""));
    if (holder == sweeper_) return;
    sweeper_ = std::move(holder);
    return Publish();
  }
  if (absl::ConsumePrefix(&key, kNodePrefix)) OnNode(NodeId(std::string(key)), revision, value);
}

void NodeDirectory::OnNode(NodeId id, Revision revision, const std::optional<std::string>& value) {
  if (!value) {
    if (nodes_.erase(id) > 0) Publish();
    return;
  }
  const auto known = nodes_.find(id);
  if (known != nodes_.end() && known->second.revision == revision) return;
  PresentNode node{.record = {}, .revision = revision, .seen = clock_.Steady()};
  // The key alone says that it is present; one of a newer version may say the rest in its own way.
  if (!node.record.ParseFromString(*value)) node.record.Clear();
  node.record.set_id(id.value());
  nodes_.insert_or_assign(std::move(id), std::move(node));
  Publish();
}

ServerNames NodeDirectory::Servers() const {
  std::vector<std::string> servers;
  for (const auto& [id, node] : nodes_) {
    if (TakesClients(node.record)) servers.push_back(node.record.grpc_address());
  }
  std::sort(servers.begin(), servers.end());
  servers.erase(std::unique(servers.begin(), servers.end()), servers.end());
  if (servers.size() > kMaxServers) servers.resize(kMaxServers);
  return std::make_shared<const std::vector<std::string>>(std::move(servers));
}

void NodeDirectory::Publish() {
  const std::shared_ptr<const NodeSnapshot> before = snapshot();
  auto now = std::make_shared<NodeSnapshot>();
  for (const auto& [id, node] : nodes_) now->nodes.push_back(node);
  now->sweeper = sweeper_;
  now->servers = Servers();
  if (*now->servers == *before->servers) now->servers = before->servers;
  {
    base::MutexLock lock(mu_);
    snapshot_ = now;
  }
  for (const Listener& listener : listeners_) listener(*before, *now);
}

std::shared_ptr<const NodeSnapshot> NodeDirectory::snapshot() const {
  base::MutexLock lock(mu_);
  return snapshot_;
}

}  // namespace rollcall::cluster
