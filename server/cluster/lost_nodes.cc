#include "server/cluster/lost_nodes.h"

#include <algorithm>

namespace rollcall::cluster {
namespace {

bool Back(const LostNode& lost, const NodeSnapshot& now) {
  return std::any_of(now.nodes.begin(), now.nodes.end(), [&](const PresentNode& node) {
    return node.record.id() == lost.id || node.record.grpc_address() == lost.grpc_address;
  });
}

}  // namespace

void LostNodes::OnNodes(const NodeSnapshot& before, const NodeSnapshot& now) {
  const base::Instant at = clock_.Steady();
  base::MutexLock lock(mu_);
  for (const PresentNode& node : before.nodes) {
    // Without an address nobody was ever sent there.
    const bool lost = !node.record.leaving() && !node.record.grpc_address().empty() &&
                      node.record.id() != self_.value();
    if (lost && now.Find(NodeId(node.record.id())) == nullptr) {
      lost_.push_back({node.record.id(), node.record.grpc_address(), at});
    }
  }
  std::erase_if(
      lost_, [&](const LostNode& lost) { return Back(lost, now) || at - lost.since >= window_; });
  if (lost_.size() > kMaxLostNodes) lost_.erase(lost_.begin(), lost_.end() - kMaxLostNodes);
}

std::vector<LostNode> LostNodes::Recent() const {
  const base::Instant now = clock_.Steady();
  base::MutexLock lock(mu_);
  std::vector<LostNode> recent = lost_;
  std::erase_if(recent, [&](const LostNode& lost) { return now - lost.since >= window_; });
  return recent;
}

}  // namespace rollcall::cluster
