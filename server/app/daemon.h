// Daemon: a running registry node on this machine: threads, disk and sockets around a node::Node.
//
// Start() returns when it serves; Stop() sends clients elsewhere and ends everything, in the order
// of docs/threads.md. Both belong to the main thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"
#include "client-sdk/base/thread_executor.h"
#include "server/adapters/http/http_server.h"
#include "server/app/backend.h"
#include "server/app/config/config.h"
#include "server/app/data_folder.h"
#include "server/backup/disk/disk_source.h"
#include "server/node/node.h"
#include "server/observe/log.h"
#include "server/observe/log_limiter.h"
#include "server/observe/metrics.h"
#include "server/rpc/grpc/discovery_service.h"
#include "server/rpc/grpc/grpc_server.h"
#include "server/rpc/grpc/operations_service.h"
#include "server/rpc/grpc/peer_channels.h"
#include "server/rpc/grpc/registry_service.h"
#include "server/rpc/grpc/self_beat.h"

namespace rollcall::app {

class Daemon {
 public:
  // What the process is told from outside and asked from inside: see Backend::Parts.
  struct Orders {
    std::function<bool(absl::Duration)> stop_within;
    std::function<void(std::string why)> restart;
    // This process cannot go on, for a reason that another start would not mend.
    std::function<void(std::string why)> fail;
  };
  // `clock` and `random` outlive it; `random` is thread-safe and good for secrets.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const config::Config& config,
                                                       base::Clock& clock, base::Random& random,
                                                       observe::Log& log, Orders orders);
  ~Daemon();

  // Sends clients elsewhere over the configured drain time, then ends.
  void Stop();

 private:
  Daemon(const config::Config& config, base::Clock& clock, base::Random& random, observe::Log& log,
         Orders orders);

  absl::Status OpenBackend();
  // Returns when the node has caught up with its store, and the others can know of it.
  absl::Status AwaitReady();
  absl::Status StartNode();
  absl::Status StartGrpc();
  absl::Status StartHttp();
  absl::Status WriteReadyFile() const;
  bool StoreReachable() const;
  void Describe(v1::GetStatusResponse& status) const;
  void DrainClients();
  void LeaveCluster();
  // What load balancers hear; on the core, gRPC health is told of it again and again.
  absl::Status Readiness() const;
  void TellHealth();
  // Where others reach what listens here.
  std::string Advertised() const;
  std::string AdvertisedHttp() const;

  const config::Config config_;
  base::Clock& clock_;
  base::Random& random_;
  observe::Log& log_;
  const Orders orders_;
  const base::Instant started_;
  std::string self_socket_;
  // Written and read on the core.
  std::string grpc_address_;
  std::string http_address_;
  bool told_serving_ = false;  // by gRPC health
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  observe::LogLimiter accept_trouble_{absl::Seconds(5)};
  bool stopped_ = false;

  // Threads: ended in Stop, but destroyed after those who may still cancel a timer.
  std::unique_ptr<base::ThreadExecutor> core_;
  std::unique_ptr<base::ThreadExecutor> history_;
  std::vector<std::unique_ptr<base::ThreadExecutor>> publishers_;
  std::unique_ptr<DataFolder> folder_;
  NodeId node_id_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<rpc::PeerChannels> peers_;
  observe::Metrics metrics_;
  rpc::CallStats calls_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<backup::DiskSource> backup_source_;
  std::unique_ptr<rpc::BackupHandler> backups_;
  std::unique_ptr<rpc::RegistryService> registry_;
  std::unique_ptr<rpc::DiscoveryService> discovery_;
  std::unique_ptr<rpc::OperationsService> operations_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::unique_ptr<rpc::SelfBeat> self_beat_;
  std::unique_ptr<http::HttpServer> http_;
};

}  // namespace rollcall::app
