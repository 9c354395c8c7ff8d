// ClusterMember: what makes a node one of many: it says in the store that it is there, knows who
// else is, takes its turn at the offices, and finds out when it is cut off.
//
// Joins the parts of server/cluster to each other and to a node, which it knows by the hooks it is
// handed. Belongs to the core executor, but for directory() and others(), which readers use from
// any thread. Destroyed when that executor runs tasks no more.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/cluster/auditor.h"
#include "server/cluster/compactor.h"
#include "server/cluster/election.h"
#include "server/cluster/id_claim.h"
#include "server/cluster/isolation.h"
#include "server/cluster/lost_nodes.h"
#include "server/cluster/node_directory.h"
#include "server/cluster/presence.h"
#include "server/cluster/store_watch.h"
#include "server/observe/log.h"
#include "server/replica/replica.h"
#include "server/rpc/every_node.h"
#include "server/rpc/peer_operations.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/store_hash.h"
#include "server/store/leases.h"
#include "server/store/replica_log.h"
#include "server/store/store.h"

namespace rollcall::node {

// The edges of a cluster, besides those that every node has.
struct ClusterEdges {
  store::ReplicaLog& log;
  store::Leases& leases;
  etcd::EtcdApi& etcd;
  // Where in etcd the store stands.
  std::string prefix;
  rpc::PeerOperations& peers;
};

class ClusterMember {
 public:
  struct Parts {
    ClusterEdges edges;
    store::Store& store;
    replica::Replica& replica;
    base::Executor& core;
    base::Clock& clock;
    base::Random& random;
    observe::Log& log;
  };
  struct Limits {
    absl::Duration resume_window = absl::Minutes(10);
    absl::Duration audit_interval = absl::Minutes(1);
    // etcd's own, which it does not tell.
    uint64_t quota_bytes = uint64_t{2} << 30;
    // Others use etcd too: it is not compacted.
    bool shared = false;
  };
  struct Options {
    NodeId id;
    std::string version;
    Limits limits;
  };
  // What it tells the node, on the core executor.
  struct Hooks {
    std::function<void(bool)> sweeping;
    std::function<void(bool)> ready;
    std::function<void(bool)> store_reachable;
    std::function<void(bool)> presence_confirmed;
    std::function<void(bool)> isolated;
    std::function<void(const NodeId&, bool)> node_present;
    cluster::Presence::ReadLoad read_load;
    // Another living process has this node's id and had it first: this one has to end.
    std::function<void(std::string why)> duplicate;
  };

  ClusterMember(const Parts& parts, Options options);

  cluster::NodeDirectory& directory() { return directory_; }
  rpc::EveryNode& others() { return others_; }
  const cluster::StoreWatch& store_watch() const { return store_watch_; }
  const cluster::Auditor::Stats& audits() const { return auditor_.stats(); }
  // Whether the store has had this node's announcement. Any thread.
  bool joined() const { return joined_; }
  // Whether this node is cut off from the store while others are not. Any thread.
  bool isolated() const { return isolation_.isolated(); }
  // Whether this node holds the sweeper's office. Any thread.
  bool sweeping() const { return sweeping_; }
  // Of what this node's copy of the store has yet to write. Any thread.
  size_t replica_backlog_bytes() const { return parts_.edges.log.backlog_bytes(); }
  // All nodes' addresses but this one's: where its clients may go. Any thread.
  std::vector<std::string> OtherServers() const;

  // Before the replica starts.
  void Join(Hooks hooks);
  // Once this node can be reached: tells the others.
  void Announce(std::string grpc_address, std::string http_address);
  void SetDraining();
  // Leaves its offices and the cluster: `done` when the others can know, or it cannot be told.
  void Leave(std::function<void()> done);

 private:
  void OnNodes(const cluster::NodeSnapshot& before, const cluster::NodeSnapshot& now);
  void LookAtStore();
  // Asks another node whether it is in touch with the store.
  void AskWhetherInTouch(const cluster::PresentNode& node, cluster::Isolation::Answer answer);
  void SetIsolated(bool isolated);
  void SetReady(bool ready);
  void SetSweeping(bool sweeping);
  void LookForDouble(const cluster::NodeSnapshot& now);
  // What to do about another process with this node's id.
  void MeetDouble(const internal::v1::NodeRecord& other);
  // Tells the node whether its presence is confirmed, if that is another now.
  void TellConfirmed();
  void LogNodes(const cluster::NodeSnapshot& before, const cluster::NodeSnapshot& now) const;
  cluster::Auditor::Edges EdgesOfAuditor();

  const Parts parts_;
  const Options options_;
  const base::Instant started_;
  Hooks hooks_;
  cluster::NodeDirectory directory_;
  cluster::LostNodes lost_;
  rpc::EveryNode others_;
  etcd::StoreHash store_hash_;
  cluster::Compactor compactor_;
  cluster::StoreWatch store_watch_;
  cluster::Auditor auditor_;
  cluster::Election sweeper_;
  // 16 random bytes, new at each start.
  const std::string incarnation_;
  cluster::IdClaim id_claim_;
  cluster::Isolation isolation_;
  std::unique_ptr<cluster::Presence> presence_;
  // An audit's answer from before it was announced.
  internal::v1::AuditAnswer audit_;
  // The others have seen our announcement.
  bool announced_ = false;
  // What stands in the store under this node's id is our announcement; or it will be, for the id is
  // ours.
  bool ours_ = false;
  bool confirmed_ = false;
  bool ready_ = false;
  bool reachable_ = true;
  bool draining_ = false;
  bool leaving_ = false;
  std::atomic<bool> joined_{false};
  std::atomic<bool> sweeping_{false};
};

}  // namespace rollcall::node
