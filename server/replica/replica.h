// Replica: feeds the catalog from the store, in the store's order, and tells the others.
//
// It applies each revision's changes as one: the catalog first, then the published snapshots, then
// the listeners (feed, sessions, log). When the store tells everything anew, what differs is
// applied as one. The only place that knows store and catalog both. With a ReplicaLog it begins
// with what the node's disk holds of the store, and keeps that up to date.
//
// All of it happens on the core executor; Start alone may block, before serving.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/catalog/catalog.h"
#include "server/replica/control_keys.h"
#include "server/replica/record_hashes.h"
#include "server/store/replica_log.h"
#include "server/store/store.h"

namespace rollcall::replica {

class Replica final : private store::Follower {
 public:
  using Listener = std::function<void(const catalog::Happened&)>;
  // Called for a record that cannot be read, which is left out, while the others stand; and for a
  // replica log or a store that is of no use.
  using OnDamage = std::function<void(const std::string& key, const absl::Status&)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  struct Options {
    // This node's own copy, where the store stands elsewhere; null: there is none.
    store::ReplicaLog* log = nullptr;
    // Keep the hash of all records.
    bool hashes = false;
  };

  Replica(store::Store& store, catalog::Catalog& catalog, base::Executor& core,
          const base::Clock& clock, OnDamage on_damage)
      : Replica(store, catalog, core, clock, std::move(on_damage), Options()) {}
  Replica(store::Store& store, catalog::Catalog& catalog, base::Executor& core,
          const base::Clock& clock, OnDamage on_damage, Options options);

  // Loads what is at hand and begins to follow.
  absl::Status Start();
  // Listeners are called in the order in which they were added; add them before Start. Of a first
  // load they hear the services alone: nothing has happened to anybody.
  void Listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  // Hears of leased and control keys after the changes of their revision were published and told.
  void ListenControl(ControlListener listener) { control_.Listen(std::move(listener)); }
  // Hears each change of ready().
  void OnReady(std::function<void(bool)> listener) { on_ready_.push_back(std::move(listener)); }

  Revision applied() const { return catalog_.applied(); }
  // What the store had acknowledged when it was last asked is applied, and what comes is; and the
  // log, if there is one, can be written.
  bool ready() const { return ready_; }
  // Calls `done` when `revision` is applied: at once if it is; with UNAVAILABLE at `deadline`.
  // While everything is to be told anew nothing counts as applied.
  void WhenApplied(Revision revision, base::Instant deadline, Done done);

  // Of all records as of applied(); nothing without Options::hashes.
  store::RecordsHash hash() const { return hashes_.sum(); }
  // Has the store tell everything anew, for what is here may be wrong. Not ready until that is
  // applied; watchers of what was wrong get a fresh snapshot. `done`, which may be null, is called
  // when it has caught up again.
  void Reload(std::function<void()> done = nullptr);

 private:
  // Interrupted and CaughtUp follow each other; WentBack is final.
  enum class Phase { kLoading, kCaughtUp, kInterrupted, kWentBack };
  // A snapshot as far as it was told. While nothing is served it is applied as it comes.
  struct Snapshot {
    // With what was here when it began.
    bool compare = false;
    // The records by the hashes of their keys, to find what is gone: as RecordHashes does.
    absl::flat_hash_set<uint64_t> told;
    std::vector<store::Record> records;
    std::vector<store::Record> control;
    // What must be applied, by its place in `records`.
    std::vector<size_t> news;
  };
  struct Waiter {
    Done done;
    base::Executor::TimerId timer;
  };
  using Waiters = std::map<std::pair<Revision, uint64_t>, Waiter>;

  // Follower.
  void OnSnapshotBegins() override;
  void OnSnapshotPart(std::vector<store::Record> records) override;
  void OnSnapshot(Revision revision) override;
  void OnLeased(std::vector<store::Record> leased) override;
  void OnChange(store::ChangeSet change) override;
  void OnCaughtUp() override;
  void OnInterrupted(absl::Status) override { SetPhase(Phase::kInterrupted); }

  void ApplyOne(const std::string& key, Revision revision, std::optional<absl::string_view> value);
  // Where to follow from.
  Revision LoadLog();
  absl::StatusOr<Revision> ReadLog();
  // Whether it does not stand here as this.
  bool IsNews(const store::Record& record) const;
  // Makes the catalog what the snapshot says.
  void ApplySnapshot();
  void Publish(Revision revision);
  void OnLogChanged();
  void SetPhase(Phase phase);
  void UpdateReady();
  // Whether what stands here is what the store told, as far as anybody knows.
  bool sound() const { return !reloading_ && phase_ != Phase::kWentBack; }
  void WakeWaiters();

  store::Store& store_;
  catalog::Catalog& catalog_;
  base::Executor& core_;
  const base::Clock& clock_;
  const OnDamage on_damage_;
  const Options options_;
  RecordHashes hashes_;
  ControlKeys control_;
  std::vector<Listener> listeners_;
  std::vector<std::function<void(bool)>> on_ready_;
  Phase phase_ = Phase::kLoading;
  bool ready_ = false;
  // Something was applied; something was published: from then on somebody looks.
  bool touched_ = false;
  bool loaded_ = false;
  Snapshot snapshot_;
  bool reloading_ = false;
  std::vector<std::function<void()>> on_reloaded_;
  Waiters waiters_;
  uint64_t next_waiter_ = 0;
};

}  // namespace rollcall::replica
