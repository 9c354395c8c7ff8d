// ClusterOracle: reads what etcd was told, revision by revision, and says what no sequence of
// faults may bring about: a living client ended or removed, a dead one ended early, a removed
// instance back without a new registration, a lease epoch that goes back.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client-sdk/base/instant.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/store/etcd/testing/keyspace.h"
#include "server/store/record_hash.h"

namespace rollcall::sim {

class ClusterOracle {
 public:
  // What the world knows of a client, by its name.
  struct Client {
    bool alive;
    // Another process has been started with the same instance id since.
    bool superseded;
    // How long it has been silent.
    absl::Duration silent;
  };
  using Ask = std::function<Client(const std::string& name)>;
  ClusterOracle(const etcd::Keyspace& keys, absl::Duration ttl, Ask ask)
      : keys_(keys), ttl_(ttl), ask_(std::move(ask)) {}

  // Reads on to the newest revision; what is wrong is a failure of the test. Not to be called with
  // revisions unread that were compacted.
  void ReadOn();
  // Sessions that this client has ever had.
  size_t SessionsOf(const std::string& client) const;
  // What every node must hold.
  store::RecordsHash Truth() const;

 private:
  void OnSession(int64_t revision, const internal::v1::SessionRecord& now);
  void OnInstance(int64_t revision, const internal::v1::InstanceRecord& now);

  const etcd::Keyspace& keys_;
  const absl::Duration ttl_;
  const Ask ask_;
  int64_t read_ = 1;
  std::map<std::string, internal::v1::SessionRecord> sessions_;
  std::map<std::string, internal::v1::InstanceRecord> instances_;
};

}  // namespace rollcall::sim
