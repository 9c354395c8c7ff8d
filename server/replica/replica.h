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

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
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
  // Calls `done` when `revision` is applied: at once if it is; with UNAVAILABLE at `deadline`. While
  // everything is to be told anew nothing counts as applied.
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
  struct Waiter {
    Done done;
    base::Executor::TimerId timer;
  };
  using Waiters = std::map<std::pair<Revision, uint64_t>, Waiter>;

  // Follower.
  void OnSnapshot(Revision revision, Records records) override;
  void OnLeased(std::vector<store::Record> leased) override;
  void OnChange(store::ChangeSet change) override;
  void OnCaughtUp() override;
  void OnInterrupted(absl::Status) override { SetPhase(Phase::kInterrupted); }

  void ApplyOne(const std::string& key, Revision revision, const std::optional<std::string>& value);
  // Where to follow from.
  Revision LoadLog();
  absl::StatusOr<Revision> ReadLog();
  bool Differs(const store::Record& record, std::optional<Revision> known) const;
  // Makes the catalog what `records` say.
  void Reconcile(const std::vector<store::Record>& records);
  void Publish(Revision revision, bool first);
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
  bool reloading_ = false;
  std::vector<std::function<void()>> on_reloaded_;
  Waiters waiters_;
  uint64_t next_waiter_ = 0;
};

}  // namespace rollcall::replica
