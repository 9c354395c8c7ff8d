// NodeDirectory: the nodes that are present and who sweeps, as this node has applied it.
//
// Fed with the leased keys in the order they change; every change makes a new snapshot. Belongs to
// the executor that feeds it, but for snapshot() and servers(), which are thread-safe and hold a
// lock for the copy of a pointer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/instant.h"
#include "client-sdk/base/mutex.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/model/ids.h"
#include "server/model/server_source.h"

namespace rollcall::cluster {

struct PresentNode {
  // As it says itself; of one whose record cannot be read only the id is known.
  internal::v1::NodeRecord record;
  Revision revision;
  // When this node applied it.
  base::Instant seen;
};

struct NodeSnapshot {
  // By id.
  std::vector<PresentNode> nodes;
  // Empty: nobody has the office.
  NodeId sweeper;
  // Where clients may go: nodes that are ready and do not drain, sorted. The same pointer in every
  // snapshot until the list changes.
  ServerNames servers = std::make_shared<const std::vector<std::string>>();

  // nullptr if it is not present.
  const PresentNode* Find(const NodeId& id) const;
};

class NodeDirectory {
 public:
  // Clients are told of no more than this many, the first in order.
  static constexpr size_t kMaxServers = 100;
  using Listener = std::function<void(const NodeSnapshot& before, const NodeSnapshot& now)>;

  explicit NodeDirectory(const base::Clock& clock);

  // A leased or control key as it stands at `revision`; no value: it is gone. Keys that say nothing
  // of nodes are passed over, and so is what was known already.
  void OnControl(absl::string_view key, Revision revision, const std::optional<std::string>& value);
  // Called after each change, in the order of these calls.
  void Listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  std::shared_ptr<const NodeSnapshot> snapshot() const;
  ServerNames servers() const { return snapshot()->servers; }

 private:
  void OnNode(NodeId id, Revision revision, const std::optional<std::string>& value);
  void Publish();
  ServerNames Servers() const;

  const base::Clock& clock_;
  std::map<NodeId, PresentNode> nodes_;
  NodeId sweeper_;
  std::vector<Listener> listeners_;

  mutable base::Mutex mu_;
  std::shared_ptr<const NodeSnapshot> snapshot_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::cluster
