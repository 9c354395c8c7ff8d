// ClusterNode and ClusterRegistry: rollcalld nodes over one etcd, each with its own data, on ports
// that stay its own through kills and restarts.
//
// Start, kill and end nodes on the test's main thread only (see Process). Throws when a node does
// not become ready. Presence leases and audits are short, so that tests are.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/support/etcd_cluster.h"
#include "tests/integration/support/ports.h"
#include "tests/integration/support/raw_client.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/tcp_relay.h"

namespace rollcall::integration {

// A node says that it is there each third of it, and sends its clients away when that was not
// answered for half: whoever stands still for a second on a loaded machine loses nothing yet.
inline constexpr absl::Duration kPresenceLease = absl::Seconds(4);

class ClusterNode {
 public:
  struct OwnPorts {
    int grpc;
    int http;
  };
  // Does not start. `flags` come after the node's own; they name etcd.
  ClusterNode(std::string id, OwnPorts ports, std::string directory, Flags flags);

  const std::string& id() const { return id_; }
  std::string address() const;
  int http_port() const { return ports_.http; }
  std::string data() const { return directory_ + "/data"; }
  Process& process() { return *process_; }

  // Does not wait for it to be ready. Killed first if it runs.
  void Launch(const Flags& more = {});
  void AwaitReady(absl::Duration limit = kSoon);
  void Start() {
    Launch();
    AwaitReady();
  }
  bool running() const { return process_ != nullptr && process_->running(); }
  // SIGKILL; the data stays.
  void Kill() { process_->Kill(); }
  void Freeze() { process_->Freeze(); }
  void Thaw() { process_->Thaw(); }
  // SIGTERM, and waits; throws if it does not end well.
  void Terminate() {
    process_->Signal(SIGTERM);
    AwaitEnd();
  }
  void AwaitEnd();
  void RemoveData() const;

  // Connections that find the node again soon after it was away.
  std::shared_ptr<grpc::Channel> Connect() const;
  // One connection of its own for the test's questions.
  RawClient& client();
  v1::GetStatusResponse Status();
  // Waits until it is home to so many streams.
  void AwaitStreams(uint64_t count) { client().AwaitStreams(count); }
  // A line of /metrics by its whole name, labels too; 0 if there is none.
  double Metric(const std::string& name) const;
  // Of /readyz; 0 if nobody answers.
  int readiness() const;
  Outcome Cli(std::vector<std::string> arguments, absl::Duration limit = kSoon) const;

 private:
  std::string ready_file() const { return directory_ + "/ready.json"; }

  const std::string id_;
  const OwnPorts ports_;
  const std::string directory_;
  const Flags flags_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<RawClient> client_;
};

struct ClusterOptions {
  size_t nodes = 3;
  // For every node.
  Flags flags = {};
  absl::Duration presence_lease = kPresenceLease;
  // Each node reaches each member through a relay of its own.
  bool relays = false;
};

class ClusterRegistry {
 public:
  // Starts all nodes, and waits until they are ready and know each other.
  explicit ClusterRegistry(EtcdCluster& etcd, ClusterOptions options = {});

  size_t size() const { return nodes_.size(); }
  ClusterNode& node(size_t i) { return *nodes_[i]; }
  // With ClusterOptions::relays: between a node and a member, and all those of a node.
  TcpRelay& relay(size_t node, size_t member) { return *relays_[node][member]; }
  std::vector<std::unique_ptr<TcpRelay>>& relays(size_t node) { return relays_[node]; }
  // Of all nodes, comma-separated.
  std::string addresses() const;

  // As the node asked knows them.
  std::map<std::string, v1::Node> NodesSeenBy(size_t i);
  // Waits until the node asked sees exactly so many present.
  void AwaitNodes(size_t asked, size_t count);
  // The one that has the sweeper's office, among those that run.
  size_t AwaitSweeper();
  // KeepAlive streams at all nodes that run.
  void AwaitStreams(uint64_t count);

 private:
  std::vector<std::vector<std::unique_ptr<TcpRelay>>> relays_;
  TempDir dir_;
  const Ports ports_;
  std::vector<std::unique_ptr<ClusterNode>> nodes_;
};

}  // namespace rollcall::integration
