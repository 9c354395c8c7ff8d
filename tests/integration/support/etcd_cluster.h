// EtcdProcess and EtcdCluster: real etcd, one to three members on ports of their own, with their
// data in a temporary directory.
//
// Start, restart and end them on the test's main thread only (see Process). Throws when etcd does
// not become healthy. Tests derive from EtcdTest (etcd_test.h), which knows when to skip.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/support/certificates.h"
#include "tests/integration/support/ports.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/tcp_relay.h"
#include "tests/integration/support/temp_dir.h"

namespace rollcall::integration {

struct EtcdOptions {
  int members = 1;
  // More flags for every member, for example {"--quota-backend-bytes", "16777216"}.
  std::vector<std::string> flags;
  // Elections within a second or two; heartbeats often enough for a loaded machine.
  absl::Duration heartbeat = absl::Milliseconds(100);
  absl::Duration election = absl::Seconds(1);
  // Bytes; 0: etcd's own, 2 GiB.
  int64_t quota = 0;
  // Not null: clients must speak TLS; with `client_auth` they need a certificate, too.
  const Certificates* tls = nullptr;
  bool client_auth = false;
  // Members reach each other through relays: they can be parted.
  bool peer_relays = false;
};

// One member.
class EtcdProcess {
 public:
  struct OwnPorts {
    int client;
    int peer;
    // Plain HTTP, for the health and the metrics, whatever clients must speak.
    int metrics;
  };
  // Does not start.
  EtcdProcess(std::string name, OwnPorts ports, std::string directory, const EtcdOptions& options);

  const std::string& name() const { return name_; }
  int port() const { return ports_.client; }
  // http://127.0.0.1:port, or https.
  std::string endpoint() const;
  // What the other members are told.
  std::string peer_url() const;
  // Before its port for peers; null unless EtcdOptions::peer_relays.
  TcpRelay* peer_relay() { return peer_relay_.get(); }
  Process& process() { return *process_; }

  // `cluster` as --initial-cluster wants it, "name=peer url,…".
  void Start(const std::string& cluster, const std::string& state);
  // SIGKILL; the data stays.
  void Kill() { process_->Kill(); }
  // Ends it as an operator does, and waits.
  void Terminate();
  // The process stands still; its connections stay open and silent.
  void Stop() { process_->Freeze(); }
  void Continue() { process_->Thaw(); }
  bool running() const { return process_ != nullptr && process_->running(); }
  void RemoveData() const;

  // It says that it can read and write; only with a quorum.
  bool healthy() const;
  bool is_leader() const;
  // A value of /metrics; throws if it has none of this name.
  double Metric(const std::string& name) const;
  // One call of etcd's JSON gateway, for example Admin("/v3/auth/enable", "{}"); the answer's body.
  // Throws if it is refused. Not with TLS.
  std::string Admin(const std::string& path, const std::string& json) const;

 private:
  std::vector<std::string> Command(const std::string& cluster, const std::string& state) const;

  const std::string name_;
  const OwnPorts ports_;
  const std::string directory_;
  const EtcdOptions options_;
  KeyPair certificate_;
  std::unique_ptr<TcpRelay> peer_relay_;
  std::unique_ptr<Process> process_;
};

class EtcdCluster {
 public:
  // Starts, and waits until every member is healthy.
  explicit EtcdCluster(EtcdOptions options = {});

  size_t size() const { return members_.size(); }
  EtcdProcess& member(size_t i) { return *members_[i]; }
  // "http://127.0.0.1:p1,http://127.0.0.1:p2", as --etcd takes it.
  std::string endpoints() const;

  void Kill(size_t i) { members_[i]->Kill(); }
  void Stop(size_t i) { members_[i]->Stop(); }
  void Continue(size_t i) { members_[i]->Continue(); }
  // On the data that is there, on the same ports; killed first if it runs.
  void Restart(size_t i);
  // Its data are lost: removed from the cluster and added again as a new member, as an operator
  // has to. The others must have a quorum.
  void RestartEmpty(size_t i);
  void AwaitHealthy(absl::Duration limit = kSoon);
  void AwaitHealthy(size_t i, absl::Duration limit = kSoon);
  // Waits until one of those that run is the leader.
  size_t AwaitLeader(absl::Duration limit = kSoon);
  // Nothing passes between this member and the others until Join(); everybody else reaches it. With
  // EtcdOptions::peer_relays; not to be restarted meanwhile.
  void Part(size_t i);
  void Join();
  // User "root" with this password may do everything, and nobody else anything.
  void EnableAuth(const std::string& password);

 private:
  std::string InitialCluster() const;
  EtcdProcess& AnyHealthyBut(size_t i);

  TempDir dir_;
  const Ports ports_;
  std::vector<std::unique_ptr<EtcdProcess>> members_;
};

// Where the etcd program is; empty if it is nowhere in PATH.
std::string EtcdProgram();

}  // namespace rollcall::integration
