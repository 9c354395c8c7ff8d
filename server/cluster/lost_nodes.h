// LostNodes: the nodes that went without saying so: crashed, paused, or cut off from the store and
// alive, with watchers that still believe what they were told last.
//
// One is remembered until it is present again under its id, another present node has its address
// (then its process is no more), or the window is over, after which its watchers could not resume
// anywhere without a fresh snapshot. Of more than kMaxLostNodes the newest are remembered.
//
// Told on one executor; Recent() is thread-safe.
#pragma once

#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/mutex.h"
#include "server/cluster/node_directory.h"
#include "server/model/ids.h"

namespace rollcall::cluster {

struct LostNode {
  std::string id;
  // Where it was reached: host:port.
  std::string grpc_address;
  // When this node applied that it went.
  base::Instant since;
};

class LostNodes {
 public:
  static constexpr size_t kMaxLostNodes = 100;

  // `self` is never lost.
  LostNodes(NodeId self, absl::Duration window, const base::Clock& clock)
      : self_(std::move(self)), window_(window), clock_(clock) {}

  // As NodeDirectory::Listener.
  void OnNodes(const NodeSnapshot& before, const NodeSnapshot& now);
  // The longest lost first.
  std::vector<LostNode> Recent() const;

 private:
  const NodeId self_;
  const absl::Duration window_;
  const base::Clock& clock_;

  mutable base::Mutex mu_;
  std::vector<LostNode> lost_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::cluster
