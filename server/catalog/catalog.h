// Catalog: what is true now, as a function of the committed records and nothing else.
//
// Apply() takes the records that one revision changed; Publish() then publishes the views of the
// instances concerned and hands out what happened, for the feed, the sessions and the log. No
// clock, no configuration, no I/O; two catalogs that applied the same records hold the same state.
//
// Thread-compatible: the replica owns it on the core executor. Others read the ViewTable.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
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
  std::vector<StandingChange> standings;  // service by service
};

class Catalog final : public Facts {
 public:
  explicit Catalog(ViewTable& views) : views_(views) {}

  using Value = std::optional<absl::string_view>;
  // Takes one record as it stands now; nullopt: it was purged. DATA_LOSS for a value that does not
  // parse: the record stays as the last one that did, at this revision, so that it can be replaced.
  absl::Status Apply(absl::string_view key, Revision revision, Value value);
  // Ends a revision: publishes what has changed in every service touched since the last call.
  Happened Publish(Revision revision) { return PublishAll(revision, false); }

  // The two of a first load, of which the services alone are told: nothing has happened to anybody.
  // Cheapest when what an instance derives from comes before it: its session, its override.
  absl::Status Load(absl::string_view key, Revision revision, absl::string_view value);
  Happened PublishLoaded(Revision revision) { return PublishAll(revision, true); }

  Versioned<internal::v1::SessionRecord> Session(const SessionId& id) const override;
  Versioned<internal::v1::InstanceRecord> Instance(const InstanceName& name) const override;
  Versioned<internal::v1::OverrideRecord> Override(const InstanceName& name) const override;
  Versioned<internal::v1::ServiceRecord> Service(const ServiceName& name) const override;
  Versioned<internal::v1::HorizonRecord> Horizon() const override;
  std::vector<InstanceName> InstancesOf(const SessionId& id) const override;
  size_t InstanceCountOf(const SessionId& id) const override;
  bool NodePresent(const NodeId& id) const override { return present_nodes_.contains(id); }
  Revision applied() const override { return applied_; }
  // The instances registered under a session, by name, with what health asks of them: cheaper than
  // their records.
  struct Holding {
    InstanceName name;
    std::string zone;
    LeaseEpoch lease_epoch;
  };
  std::vector<Holding> HoldingsOf(const SessionId& id) const;

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
  // Of the record with this key as it stands, tombstones included; 0: there is none.
  Revision RevisionOf(absl::string_view key) const;
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
  struct SessionEntry;
  // There are as many of these as there are instances: what the view tells is not kept twice.
  struct InstanceEntry {
    struct OwnContent {
      explicit OwnContent(const InstanceView::Content& content);
      InstanceView::Content Read() const;
      std::string id;
      std::string zone;
      std::string spec_field;
      SharedSessionId session;
      LeaseEpoch lease_epoch;
      Revision create_revision;
    };
    // What the record says and the view does not: its stamp, if something else changed last; and
    // all its content, until a view is made of it.
    struct NotInView {
      internal::v1::Stamp stamp;
      std::unique_ptr<const OwnContent> content;
    };
    ServiceEntry* service = nullptr;
    Revision revision;    // of the instance record alone
    uint32_t weight = 0;  // 40 bytes in all, which std::optional would make 48
    bool has_weight = false;
    bool removed = false;
    bool start_unready = false;
    // The content is in the one or in the other.
    SharedView view;
    std::unique_ptr<NotInView> beside;

    bool in_view() const { return beside == nullptr || beside->content == nullptr; }
    absl::string_view id() const { return in_view() ? view->id() : beside->content->id; }
    // Null: static.
    const SessionId* session() const {
      return in_view() ? view->session() : IdIn(beside->content->session);
    }
    // Valid until the next record, or view.
    InstanceView::Content content() const;
  };
  struct ById {
    using is_transparent = void;
    static absl::string_view Of(absl::string_view id) { return id; }
    static absl::string_view Of(const std::unique_ptr<InstanceEntry>& entry) { return entry->id(); }
    bool operator()(const auto& a, const auto& b) const { return Of(a) < Of(b); }
  };
  struct ServiceEntry {
    InstanceEntry* Find(absl::string_view id) const;

    ServiceName name;
    absl::btree_set<std::unique_ptr<InstanceEntry>, ById> instances;
    bool published = false;
    // The instances whose views must be made anew.
    absl::btree_set<std::string> dirty;
    // Of those that were purged since the last publishing without having been removed.
    absl::btree_map<std::string, SharedView> vanished;
    // It must be published.
    bool is_dirty = false;
  };
  struct SessionEntry {
    SharedSessionId id;
    internal::v1::SessionRecord record;
    Revision revision;
    absl::flat_hash_set<InstanceEntry*> instances;
  };
  template <typename R>
  struct Kept {
    R record;
    Revision revision;
  };

  absl::Status ApplyAs(absl::string_view key, Revision revision, Value value);
  absl::Status ApplySession(const SessionId& id, Revision, Value);
  absl::Status ApplyInstance(const InstanceName&, Revision, Value);
  // Keeps what the record in parsed_, whose bytes are `value`, says: as a view while loading,
  // beside one otherwise.
  void KeepParsed(absl::string_view id, absl::string_view value, InstanceEntry& entry);
  absl::Status ApplyOverride(const InstanceName&, Revision, Value);
  absl::Status ApplyService(const ServiceName&, Revision, Value);
  absl::Status ApplyHorizon(Revision, Value);

  Revision AppliedRevisionOf(absl::string_view key) const;
  Versioned<internal::v1::InstanceRecord> AppliedInstance(const InstanceName& name) const;
  // With the revision of the newest value, read or not.
  template <typename R, typename KeyOf>
  Versioned<R> AsWritten(Versioned<R> applied, KeyOf key_of) const;

  ServiceEntry& EntryOf(const ServiceName& name);
  SessionEntry& EntryOf(const SessionId& id);
  const InstanceEntry* Find(const InstanceName& name) const;
  static InstanceName NameOf(const InstanceEntry& instance);
  void MarkDirty(ServiceEntry& service);
  void MarkDirty(ServiceEntry& service, absl::string_view id);
  // As its instances share it, removed ones too; null for an empty one.
  SharedSessionId Share(const SessionId& id, bool removed);
  void Link(InstanceEntry& instance);
  void Unlink(InstanceEntry& instance);
  void Purge(const InstanceName& name);
  void Forget(Revision revision, const std::string& key);
  void Remember(Revision revision, std::string key);

  Happened PublishAll(Revision revision, bool loaded);
  // `happened` null: nobody is told.
  void PublishService(ServiceEntry& service, Revision revision, Happened* happened);
  // What has become of the instances whose views had to be made anew.
  std::vector<SharedView> RebuildDirty(ServiceEntry& service, Happened* happened);
  // Makes an instance's view anew; tells what changed of its standing.
  void Rebuild(InstanceEntry& entry, Happened* happened);
  void TellVanished(const ServiceEntry& service, const std::string& id, Happened& happened) const;
  // Sets the view, for a record with this content and stamp; returns the stamp of what changed
  // last, valid until the next record.
  const internal::v1::Stamp& MakeView(InstanceEntry& entry, const InstanceView::Content& content,
                                      const internal::v1::Stamp& own);
  // Of one that is registered.
  const internal::v1::Stamp& Judge(const InstanceEntry& entry, const InstanceView::Content& content,
                                   const internal::v1::Stamp& own,
                                   InstanceView::Verdict& verdict) const;

  ViewTable& views_;
  Revision applied_;
  absl::btree_map<ServiceName, std::unique_ptr<ServiceEntry>> services_;
  absl::node_hash_map<SessionId, SessionEntry> sessions_;
  absl::btree_map<InstanceName, Kept<internal::v1::OverrideRecord>> overrides_;
  absl::btree_map<ServiceName, Kept<internal::v1::ServiceRecord>> specs_;
  std::optional<Kept<internal::v1::HorizonRecord>> horizon_;
  // By key: the revisions of values that do not parse. What stands is the last one that did.
  absl::flat_hash_map<std::string, Revision> unreadable_;
  // Tombstones by the revision that wrote them.
  absl::btree_set<std::pair<uint64_t, std::string>> tombstones_;
  absl::btree_set<ServiceName> dirty_services_;
  absl::btree_set<SessionId> dirty_sessions_;
  absl::flat_hash_set<NodeId> present_nodes_;
  size_t open_sessions_ = 0;
  size_t live_instances_ = 0;
  // Load is running.
  bool loading_ = false;
  // Filled again and again, for the sake of what it has allocated.
  internal::v1::InstanceRecord parsed_;
};

}  // namespace rollcall::catalog
