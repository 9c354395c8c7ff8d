// ViewTable: the published side of the catalog: for each service its newest snapshot, and the
// revision up to which everything is published.
//
// Written by the replica alone: after a revision is applied, its services' changes first, then the
// revision. So whoever reads `applied()` and then a snapshot sees at least that revision.
//
// A snapshot takes as long to make as the service is large, and most revisions change services that
// nobody looks at before the next one does. So changes are kept, and the first who looks makes the
// snapshot of them, for all; only when they outgrow it does the writer, and thus pays the same for
// each change, however large the service.
//
// Thread-safe; locks are held for copies of pointers, and nobody waits while others make a
// snapshot.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "client-sdk/base/mutex.h"
#include "server/catalog/service_snapshot.h"
#include "server/catalog/snapshot_fold.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

class ViewTable {
 public:
  explicit ViewTable(StoreId store_id) : store_id_(std::move(store_id)) {}

  // nullptr if nothing was ever registered under this name, or all of it is purged.
  std::shared_ptr<const ServiceSnapshot> Find(const ServiceName& name) const;
  // The services of a namespace ("*": of all) changed after `after`, in order; no snapshot is made.
  std::vector<ServiceName> Names(absl::string_view ns, Revision after = Revision(0)) const;
  // The same with what they are.
  std::vector<std::shared_ptr<const ServiceSnapshot>> List(absl::string_view ns,
                                                           Revision after = Revision(0)) const;
  Revision applied() const { return Revision(applied_.load(std::memory_order_acquire)); }
  // Tombstones at or below may be purged, or what was told below was wrong: a resume below needs a
  // fresh snapshot.
  Revision horizon() const { return Revision(horizon_.load(std::memory_order_acquire)); }
  const StoreId& store_id() const { return store_id_; }

  // All of a service.
  void Publish(std::shared_ptr<const ServiceSnapshot> snapshot);
  // What has become of some of its instances since.
  void PublishChanges(const ServiceName& name, Revision revision, std::vector<SharedView> changes);
  void Erase(const ServiceName& name);
  void SetApplied(Revision revision);
  // Never lowers it.
  void SetHorizon(Revision revision);

 private:
  using Snapshot = std::shared_ptr<const ServiceSnapshot>;
  static constexpr size_t kStripes = 64;
  // So many changes wait for a reader in any case.
  static constexpr size_t kMayWait = 32;

  struct Service {
    Revision revision;
    Snapshot made;
    // Told apart from all that it ever was, and from another service of the same name.
    uint64_t made_as = 0;
    std::vector<SharedView> since;
  };
  struct Stripe {
    base::Mutex mu;
    absl::btree_map<ServiceName, Service> services ABSL_GUARDED_BY(mu);
    uint64_t last_made ABSL_GUARDED_BY(mu) = 0;
  };
  Stripe& StripeOf(const ServiceName& name) const;
  // The newest snapshot, made now if it must be.
  static Snapshot Newest(Stripe& stripe, const ServiceName& name);

  const StoreId store_id_;
  std::atomic<uint64_t> applied_{0};
  std::atomic<uint64_t> horizon_{0};
  // Reading completes what was written.
  mutable std::array<Stripe, kStripes> stripes_;
};

}  // namespace rollcall::catalog
