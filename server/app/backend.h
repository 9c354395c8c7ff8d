// Backend: the store that a node uses, with the disk and the threads beneath it.
//
// Made before the node and stopped after it, by the main thread. Its store calls back on the core
// executor.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/app/config/config.h"
#include "server/app/data_folder.h"
#include "server/observe/log.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/leases.h"
#include "server/store/record_store.h"
#include "server/store/replica_log.h"
#include "server/store/store.h"
#include "server/store/version_log.h"

namespace rollcall::app {

class Backend {
 public:
  // What a backend is made of; all of it outlives the backend.
  struct Parts {
    const config::Config& config;
    const DataFolder& folder;
    base::Executor& core;
    base::Clock& clock;
    base::Random& random;
    observe::Log& log;
    // Waits that long for the order to stop; true: it came, and opening is to be given up
    // (CANCELLED).
    std::function<bool(absl::Duration)> stop_within;
    // Called from any thread, once: what this process holds is no longer the cluster's store, and
    // it has to start afresh.
    std::function<void(std::string why)> restart;
  };

  // What only a cluster has.
  struct Cluster {
    store::ReplicaLog& log;
    store::Leases& leases;
    etcd::EtcdApi& etcd;
  };

  virtual ~Backend() = default;
  // What the node is handed of it.
  virtual store::Store& store() = 0;
  virtual store::VersionLog& version_log() = 0;
  // What this node's disk holds, for backups.
  virtual const store::RecordStore& disk() const = 0;
  // RESOURCE_EXHAUSTED while this machine's disk has no room for the store; OK where that stands
  // elsewhere. Asks the disk, and blocks as long as that does. Thread-safe.
  virtual absl::Status CheckRoom() const { return absl::OkStatus(); }
  // nullopt: this process is alone.
  virtual std::optional<Cluster> cluster() { return std::nullopt; }
  // When the core executor has stopped: ends its own threads.
  virtual void Stop() = 0;
};

// RocksDB in the data directory, one process.
absl::StatusOr<std::unique_ptr<Backend>> OpenEmbeddedBackend(const Backend::Parts& parts);
// etcd, and a copy of it in the data directory. Waits for etcd as long as it takes; with a copy at
// hand for a few seconds only.
absl::StatusOr<std::unique_ptr<Backend>> OpenEtcdBackend(const Backend::Parts& parts);

}  // namespace rollcall::app
