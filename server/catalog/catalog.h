// Catalog: what is true now, as a function of the committed records and nothing else.
//
// Apply() takes the records that one revision changed; Publish() then makes new snapshots of the
// services concerned and hands out what happened, for the feed, the sessions and the log. No clock,
// no configuration, no I/O; two catalogs that applied the same records hold the same state.
//
// Thread-compatible: the replica owns it on the core executor. Others read the ViewTable.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/catalog/service_snapshot.h"
#include "server/catalog/view_table.h"
#include "server/model/facts.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

// One instance's standing changed (or its content, when from == to).
struct StandingChange {
  InstanceName name;
  v1::Standing from = v1::STANDING_UNSPECIFIED;  // did not exist
  v1::Standing to = v1::STANDING_UNSPECIFIED;    // exists no more
  Revision revision;
  internal::v1::Stamp stamp;
  SessionId session;
};

struct Happened {
  Revision revision;
  std::vector<ServiceName> services;
  std::vector<SessionId> sessions;
  std::vector<StandingChange> standings;
};

class Catalog final : public Facts {
 public:
  explicit Catalog(ViewTable& views) : views_(views) {}

  // Takes one record as it stands now; nullopt: it was purged. DATA_LOSS for a value that does not
  // parse: the record is left as it was.
  absl::Status Apply(absl::string_view key, Revision revision,
                     const std::optional<std::string>& value);
  // Ends a revision: publishes the snapshots of every service touched since the last call.
  Happened Publish(Revision revision);

  Versioned<internal::v1::SessionRecord> Session(const SessionId& id) const override;
  Versioned<internal::v1::InstanceRecord> Instance(const InstanceName& name) const override;
  Versioned<internal::v1::OverrideRecord> Override(const InstanceName& name) const override;
  Versioned<internal::v1::ServiceRecord> Service(const ServiceName& name) const override;
  Versioned<internal::v1::HorizonRecord> Horizon() const override;
  std::vector<InstanceName> InstancesOf(const SessionId& id) const override;
  bool NodePresent(const NodeId& id) const override { return present_nodes_.contains(id); }
  Revision applied() const override { return applied_; }

  // What was told up to the applied revision may have been wrong: whoever stands there or below
  // gets a fresh snapshot the next time that something it watches is published.
  void DistrustViews() { views_.SetHorizon(Revision(applied_.value() + 1)); }

  // What the leased keys of the store say, which are no records.
  void SetNodePresent(const NodeId& id, bool present);

  // By name: every override and service spec that stands, and every session that has not ended.
  std::vector<Versioned<internal::v1::OverrideRecord>> Overrides() const;
  std::vector<SessionId> OpenSessions() const;
  // ENDED for a session that is absent.
  internal::v1::SessionState SessionStateOf(const SessionId& id) const;
  // Ended or absent sessions under which instances are still registered.
  std::vector<SessionId> OrphanedSessions() const;
  // The sessions that have not ended and whose home is `node`, by id.
  std::vector<SessionId> SessionsHomedAt(const NodeId& node) const;
  // Every record, tombstones included, by key and the revision that wrote it; in no order.
  void ForEachKey(absl::FunctionRef<void(std::string key, Revision revision)> visit) const;
  // Tombstones at or below `revision` that nothing refers to any more; at most `limit`.
  struct Purgeable {
    std::string key;
    Revision revision;
  };
  std::vector<Purgeable> PurgeableUpTo(Revision revision, size_t limit) const;

  size_t session_count() const { return open_sessions_; }
  size_t instance_count() const { return live_instances_; }

 private:
  struct ServiceEntry;
  struct InstanceEntry {
    ServiceEntry* service = nullptr;
    SessionId session;
    LeaseEpoch lease_epoch;
    Revision create_revision;
    Revision revision;  // of the instance record alone
    bool removed = false;
    bool start_unready = false;
    std::optional<uint32_t> weight;
    std::string zone;
    internal::v1::Stamp stamp;
    std::string spec;  // field 1 of Instance, with tag and length
    ServiceSnapshot::Live view;
    ServiceSnapshot::Gone gone;
  };
  struct ServiceEntry {
    ServiceName name;
    std::map<std::string, InstanceEntry> instances;
    std::shared_ptr<const ServiceSnapshot> snapshot;
    absl::btree_set<std::string> dirty;
  };
  struct SessionEntry {
    internal::v1::SessionRecord record;
    Revision revision;
    absl::btree_set<InstanceName> instances;
  };
  template <typename R>
  struct Kept {
    R record;
    Revision revision;
  };

  absl::Status ApplySession(const SessionId& id, Revision, const std::optional<std::string>&);
  absl::Status ApplyInstance(const InstanceName&, Revision, const std::optional<std::string>&);
  absl::Status ApplyOverride(const InstanceName&, Revision, const std::optional<std::string>&);
  absl::Status ApplyService(const ServiceName&, Revision, const std::optional<std::string>&);
  absl::Status ApplyHorizon(Revision, const std::optional<std::string>&);

  ServiceEntry& EntryOf(const ServiceName& name);
  const InstanceEntry* Find(const InstanceName& name) const;
  void MarkDirty(const InstanceName& name);
  void Unlink(const InstanceName& name, InstanceEntry& instance);
  void Purge(const InstanceName& name);
  void Forget(Revision revision, const std::string& key);
  void Remember(Revision revision, std::string key);

  // Makes an instance's view anew; tells what changed of its standing.
  void Rebuild(ServiceEntry& service, const std::string& id, Happened& happened);
  void TellVanished(const ServiceEntry& service, const std::string& id, Happened& happened) const;
  ServiceSnapshot::Live MakeView(const ServiceEntry&, const std::string& id, const InstanceEntry&);
  void PublishService(ServiceEntry& service, Revision revision, Happened& happened);

  ViewTable& views_;
  Revision applied_;
  absl::btree_map<ServiceName, std::unique_ptr<ServiceEntry>> services_;
  absl::flat_hash_map<SessionId, SessionEntry> sessions_;
  absl::btree_map<InstanceName, Kept<internal::v1::OverrideRecord>> overrides_;
  absl::btree_map<ServiceName, Kept<internal::v1::ServiceRecord>> specs_;
  std::optional<Kept<internal::v1::HorizonRecord>> horizon_;
  // Tombstones by the revision that wrote them.
  absl::btree_set<std::pair<uint64_t, std::string>> tombstones_;
  absl::btree_set<ServiceName> dirty_services_;
  absl::btree_set<SessionId> dirty_sessions_;
  absl::flat_hash_set<NodeId> present_nodes_;
  size_t open_sessions_ = 0;
  size_t live_instances_ = 0;
};

}  // namespace rollcall::catalog
