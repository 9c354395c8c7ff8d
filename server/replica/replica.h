// Replica: feeds the catalog from the store, in the store's order, and tells the others.
//
// It loads every record, then applies each revision's changes as one: the catalog first, then the
// published snapshots, then the listeners (feed, sessions, log). The only place that knows store
// and catalog both. All of it happens on the core executor; Start alone may block, before serving.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/catalog/catalog.h"
#include "server/store/store.h"

namespace rollcall::replica {

class Replica final : private store::Follower {
 public:
  using Listener = std::function<void(const catalog::Happened&)>;
  // Called for a record that cannot be read; it is left out, the others stand.
  using OnDamage = std::function<void(const std::string& key, const absl::Status&)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  Replica(store::Store& store, catalog::Catalog& catalog, base::Executor& core,
          const base::Clock& clock, OnDamage on_damage);

  // Loads and begins to follow. Listeners hear changes after the load only.
  absl::Status Start();
  // Listeners are called in the order in which they were added; add them before Start.
  void Listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  Revision applied() const { return catalog_.applied(); }
  // Calls `done` when `revision` is applied: at once if it is; with UNAVAILABLE at `deadline`.
  void WhenApplied(Revision revision, base::Instant deadline, Done done);

 private:
  struct Waiter {
    Done done;
    base::Executor::TimerId timer;
  };
  using Waiters = std::map<std::pair<Revision, uint64_t>, Waiter>;

  void ApplyOne(const std::string& key, Revision revision, const std::optional<std::string>& value);
  void OnSnapshot(Revision revision, Records records) override;
  void OnLeased(std::vector<store::Record> leased) override;
  void OnChange(store::ChangeSet change) override;
  void OnCaughtUp() override {}
  void OnInterrupted(absl::Status why) override;
  void WakeWaiters();

  store::Store& store_;
  catalog::Catalog& catalog_;
  base::Executor& core_;
  const base::Clock& clock_;
  const OnDamage on_damage_;
  std::vector<Listener> listeners_;
  Waiters waiters_;
  uint64_t next_waiter_ = 0;
};

}  // namespace rollcall::replica
