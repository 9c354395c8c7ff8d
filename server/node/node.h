// Node: one registry node but for its edges: from requests that a transport brings to a store that
// it is handed, and back to streams. rollcalld puts gRPC, RocksDB and threads around it; the
// simulator puts its own.
//
// Construction starts nothing. Start() is called on the core executor (or before that runs); the
// handlers may be called from any thread from then on. Destroyed when none of its executors runs
// tasks any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/catalog/catalog.h"
#include "server/catalog/view_table.h"
#include "server/committer/committer.h"
#include "server/feed/publisher_pool.h"
#include "server/flow/catalog_facts.h"
#include "server/flow/catch_up.h"
#include "server/flow/client_commands.h"
#include "server/flow/registration_flow.h"
#include "server/flow/session_closer.h"
#include "server/flow/session_verdicts.h"
#include "server/flow/sweeper.h"
#include "server/health/session_table.h"
#include "server/history/history.h"
#include "server/history/trimmer.h"
#include "server/node/change_log.h"
#include "server/node/cluster_member.h"
#include "server/node/health_journal.h"
#include "server/observe/log.h"
#include "server/replica/replica.h"
#include "server/rpc/discovery_handler.h"
#include "server/rpc/operations_handler.h"
#include "server/rpc/read_gate.h"
#include "server/rpc/registry_handler.h"
#include "server/store/store.h"
#include "server/store/version_log.h"

namespace rollcall::node {

class Node {
 public:
  struct Edges {
    store::Store& store;
    store::VersionLog& version_log;
    base::Executor& core;
    // For reads of the past, which block.
    base::Executor& history;
    std::vector<base::Executor*> publishers;
    base::Clock& clock;
    // Thread-safe and good for secrets.
    base::Random& random;
    feed::FrameFactory make_frame;
    observe::Log& log;
    // Unset: this node is alone.
    std::optional<ClusterEdges> cluster = std::nullopt;
  };
  struct Options {
    NodeId id;
    rpc::TtlBounds ttl;
    absl::Duration resume_window = absl::Minutes(10);
    store::HistoryLimits history;
    committer::Committer::Options committer;
    std::function<void(v1::GetStatusResponse&)> describe;
    // See OperationsHandler::Parts.
    std::function<absl::Status()> check_room = nullptr;
    std::string version;
    // Only in a cluster.
    ClusterMember::Limits cluster;
    // See ClusterMember::Hooks.
    std::function<void(std::string why)> on_duplicate;
  };

  Node(Edges edges, Options options);

  // Loads the records, follows the store, takes over the sessions.
  absl::Status Start();
  // On the core executor: sends clients elsewhere; `done`, once, when no stream is left or that
  // time is over.
  void Drain(absl::Duration over, std::function<void()> done);

  // On the core executor, once clients and other nodes can reach this one at these addresses.
  void Announce(std::string grpc_address, std::string http_address);
  // On the core executor, after Drain, as the last: `done` when the others can know that it went.
  void Leave(std::function<void()> done);
  // It has caught up with the store. Thread-safe.
  bool ready() const { return ready_; }
  // The others can know that it is there; alone it has nobody to tell. Thread-safe.
  bool joined() const { return cluster_ == nullptr || cluster_->joined(); }
  // It cannot reach the store while other nodes can. Thread-safe.
  bool isolated() const { return cluster_ != nullptr && cluster_->isolated(); }
  // See store::Store::age. Thread-safe.
  absl::Duration store_age() const { return edges_.store.age(); }

  // Sessions that became suspect since the start, by cause. Thread-safe.
  struct Suspects {
    std::atomic<uint64_t> stream_broken{0};
    std::atomic<uint64_t> beat_overdue{0};
  };
  const Suspects& suspects() const { return suspects_; }

  rpc::RegistryHandler& registry() { return registry_; }
  rpc::DiscoveryHandler& discovery() { return discovery_; }
  rpc::OperationsHandler& operations() { return operations_; }
  health::SessionTable& sessions() { return sessions_; }
  feed::PublisherPool& feed() { return feed_; }
  committer::Committer& committer() { return committer_; }
  const catalog::Catalog& catalog() const { return catalog_; }
  const catalog::ViewTable& views() const { return views_; }
  const replica::Replica& replica() const { return replica_; }
  // nullptr: this node is alone.
  ClusterMember* cluster() { return cluster_.get(); }

 private:
  bool alone() const { return cluster_ == nullptr; }
  ClusterMember::Hooks HooksOfMember(std::function<void(std::string why)> on_duplicate);
  // Whether this node does what one node of a cluster does for all: purging, ending overrides,
  // judging sessions whose home is gone.
  void SetSweeping(bool sweeping);
  // Whether other nodes, and not this one, are in touch with the store.
  void SetIsolated(bool isolated);
  // Until then it takes no writes and denies nobody what it may merely not know yet; the first time
  // takes over the sessions.
  void SetReady(bool ready);
  void OnApplied(const catalog::Happened& happened);
  void TellSessions(const catalog::Happened& happened);
  void CountSuspect(const Versioned<internal::v1::SessionRecord>& session, Revision happened);
  void AwaitWatchers(base::Instant end, const std::function<void()>& done);

  const Edges edges_;
  std::atomic<bool> ready_{false};
  catalog::ViewTable views_;
  catalog::Catalog catalog_;
  replica::Replica replica_;
  const std::unique_ptr<ClusterMember> cluster_;
  committer::Committer committer_;
  flow::CatchUp catch_up_;
  flow::ClientCommands commands_;
  flow::SessionCloser closer_;
  flow::RegistrationFlow registrations_;
  flow::SessionVerdicts verdicts_;
  flow::CatalogFacts facts_;
  flow::Sweeper sweeper_;
  HealthJournal journal_;
  health::SessionTable sessions_;
  feed::PublisherPool feed_;
  history::History history_;
  history::Trimmer trimmer_;
  rpc::ReadGate reads_;
  rpc::RegistryHandler registry_;
  rpc::DiscoveryHandler discovery_;
  rpc::OperationsHandler operations_;
  ChangeLog change_log_;
  Suspects suspects_;
  // What was published up to here was told to the sessions.
  Revision told_ = Revision(0);
};

}  // namespace rollcall::node
