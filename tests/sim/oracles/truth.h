// Truth: what the store has agreed on, record by record, and what follows from it: by a reading of
// its own of docs/guarantees.md, not by the code that is tested.
//
// Remembers, for the newest revisions, a hash of all records and of each service as a watcher is
// to see it, so that whoever shows something of a revision can be compared with it in constant
// time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/instant.h"
#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/operations.pb.h"
#include "server/store/etcd/testing/keyspace.h"
#include "server/store/record_hash.h"

namespace rollcall::sim {

template <typename Record>
struct Stood {
  Record record;
  int64_t revision = 0;
  // When it was written.
  base::Instant since;
};

struct TruthChange {
  int64_t revision;
  // Without the prefix.
  std::string key;
  // The key is gone, tombstone and all; `after` is what stood there.
  bool purged = false;
  // Of one kind only; `before` is null if there was none.
  const Stood<internal::v1::SessionRecord>* session_before = nullptr;
  const internal::v1::SessionRecord* session = nullptr;
  const Stood<internal::v1::InstanceRecord>* instance_before = nullptr;
  const internal::v1::InstanceRecord* instance = nullptr;
  const Stood<internal::v1::OverrideRecord>* override_before = nullptr;
  const internal::v1::OverrideRecord* over = nullptr;
};

// What an operator asked for.
struct OperatorCommand {
  std::string actor;
  std::string service;
  std::string id;
  bool clears = false;
  // The instance itself.
  bool removes = false;
  v1::OverrideMode mode = v1::OVERRIDE_MODE_UNSPECIFIED;
  std::optional<uint32_t> weight;
  // Nullopt: until it is cleared.
  std::optional<absl::Duration> lasts;
  // Of the answer.
  uint64_t revision = 0;
};

// How one instance is to be seen.
struct Seen {
  std::string id;
  uint64_t revision;
  v1::Standing standing;
  uint64_t lease_epoch;
  uint32_t weight;
  uint64_t content;

  uint64_t Hash() const;
};
// As an answer or a watch shows it.
Seen SeenIn(const v1::Instance& instance);

class Truth {
 public:
  using Sink = std::function<void(const TruthChange&)>;
  using Sessions = std::map<std::string, Stood<internal::v1::SessionRecord>>;
  // By "service/id".
  using Instances = std::map<std::string, Stood<internal::v1::InstanceRecord>>;
  using Overrides = std::map<std::string, Stood<internal::v1::OverrideRecord>>;

  Truth(const etcd::Keyspace& keys, const base::Clock& clock, Sink sink)
      : keys_(keys), clock_(clock), sink_(std::move(sink)) {}

  // To be called after each step: before anything that was not read can be compacted.
  void ReadOn() {
    if (keys_.revision() != read_) Read();
  }
  int64_t revision() const { return read_; }
  const Sessions& sessions() const { return sessions_; }
  const Instances& instances() const { return instances_; }
  const Overrides& overrides() const { return overrides_; }
  uint64_t horizon() const { return horizon_; }
  // Keys of records that nobody can read.
  const std::set<std::string>& unreadable() const { return unreadable_; }
  // When a node's presence last ended; nullopt: it is present, or never was.
  std::optional<base::Instant> GoneSince(const std::string& node) const;

  // nullopt: too long ago.
  std::optional<store::RecordsHash> RecordsAt(uint64_t revision) const;
  std::optional<uint64_t> ViewAt(const std::string& service, uint64_t revision) const;
  // Now, sorted by id.
  std::vector<Seen> View(const std::string& service) const;

 private:
  static constexpr size_t kRemembered = 4096;
  template <typename Value>
  using Past = std::deque<std::pair<uint64_t, Value>>;
  struct Service {
    std::map<std::string, uint64_t> seen;  // instance id to hash
    uint64_t sum = 0;
    Past<uint64_t> past;
  };

  void Read();
  void Take(int64_t revision, const etcd::pb::Event& event);
  void TakeSession(TruthChange change, const etcd::pb::Event& event);
  void TakeInstance(TruthChange change, const etcd::pb::Event& event);
  void TakeOverride(TruthChange change, const etcd::pb::Event& event);
  // False if there is nothing to be read.
  template <typename Record>
  bool Reads(const TruthChange& change, const etcd::pb::Event& event, Record& record,
             bool nothing_stood);
  void CountRecord(int64_t revision, const std::string& key, const etcd::pb::Event& event);
  std::optional<Seen> SeenNow(const std::string& name) const;
  void Settle(int64_t revision);

  const etcd::Keyspace& keys_;
  const base::Clock& clock_;
  const Sink sink_;
  int64_t read_ = 1;
  Sessions sessions_;
  Instances instances_;
  Overrides overrides_;
  uint64_t horizon_ = 0;
  std::set<std::string> unreadable_;                   // keys
  std::map<std::string, base::Instant> gone_;          // by node id
  std::map<std::string, std::set<std::string>> held_;  // session id to instance names
  std::set<std::string> touched_;                      // instance names of this revision
  std::map<std::string, Service> services_;
  std::map<std::string, uint64_t> record_hashes_;
  store::RecordsHash records_;
  Past<store::RecordsHash> records_past_;
};

}  // namespace rollcall::sim
