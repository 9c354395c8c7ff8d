#include "server/rpc/node_list.h"

#include <algorithm>
#include <map>
#include <utility>

#include "server/model/times.h"

namespace rollcall::rpc {
namespace {

using internal::v1::AuditAnswer;
using internal::v1::NodeRecord;

// The answers to the newest audit, beside each other. The store alone knows who is right; this says
// who stands apart.
class AuditVote {
 public:
  explicit AuditVote(const cluster::NodeSnapshot& snapshot) {
    for (const auto& node : snapshot.nodes) {
      newest_ = std::max<uint64_t>(newest_, node.record.audit().revision());
    }
    for (const auto& node : snapshot.nodes) {
      if (Answered(node.record.audit())) ++votes_[Sum(node.record.audit())];
    }
    size_t all = 0;
    for (const auto& [sum, votes] : votes_) all += votes;
    for (const auto& [sum, votes] : votes_) {
      if (votes * 2 > all) agreed_ = &sum;
    }
  }

  v1::NodeAudit Of(const AuditAnswer& answer) const {
    if (!Answered(answer)) return v1::NODE_AUDIT_UNKNOWN;
    const bool agrees = agreed_ != nullptr && *agreed_ == Sum(answer);
    return agrees ? v1::NODE_AUDIT_AGREES : v1::NODE_AUDIT_DIFFERS;
  }

 private:
  using Answer = std::pair<uint64_t, uint64_t>;
  static Answer Sum(const AuditAnswer& answer) { return {answer.hash(), answer.records()}; }
  bool Answered(const AuditAnswer& answer) const {
    return newest_ > 0 && answer.revision() == newest_;
  }

  uint64_t newest_ = 0;
  std::map<Answer, size_t> votes_;
  const Answer* agreed_ = nullptr;  // what more than half answered
};

v1::Node Describe(const cluster::PresentNode& present, base::Instant now) {
  const NodeRecord& record = present.record;
  v1::Node node;
  node.set_id(record.id());
  node.set_grpc_address(record.grpc_address());
  node.set_http_address(record.http_address());
  node.set_version(record.version());
  if (record.has_started()) *node.mutable_started() = record.started();
  node.set_sessions(record.load().sessions());
  node.set_streams(record.load().streams());
  node.set_watchers(record.load().watchers());
  node.set_ready(record.load().ready());
  node.set_draining(record.draining());
  *node.mutable_load_age() = rollcall::ToProto(now - present.seen);
  return node;
}

}  // namespace

void FillNodes(const cluster::NodeSnapshot& snapshot, v1::Node self, base::Instant now,
               v1::ListNodesResponse& response) {
  const AuditVote vote(snapshot);
  self.set_is_self(true);
  self.set_audit(v1::NODE_AUDIT_UNKNOWN);
  *self.mutable_load_age() = rollcall::ToProto(absl::ZeroDuration());
  std::map<std::string, v1::Node> nodes;
  const std::string self_id = self.id();
  nodes.emplace(self_id, std::move(self));
  for (const cluster::PresentNode& present : snapshot.nodes) {
    v1::Node& node = nodes.try_emplace(present.record.id(), Describe(present, now)).first->second;
    node.set_audit_revision(present.record.audit().revision());
    node.set_audit(vote.Of(present.record.audit()));
  }
  for (auto& [id, node] : nodes) {
    node.set_is_sweeper(!id.empty() && id == snapshot.sweeper.value());
    *response.add_nodes() = std::move(node);
  }
}

}  // namespace rollcall::rpc
