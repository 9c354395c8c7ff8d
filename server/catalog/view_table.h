// ViewTable: the published side of the catalog: for each service its newest snapshot, and the
// revision up to which everything is published.
//
// Written by the replica alone: after a revision is applied, its services' snapshots first, then
// the revision. So whoever reads `applied()` and then a snapshot sees at least that revision.
// Thread-safe; readers hold a lock for the copy of a pointer and never wait for a writer's work.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "client-sdk/base/mutex.h"
#include "server/catalog/service_snapshot.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

class ViewTable {
 public:
  explicit ViewTable(StoreId store_id) : store_id_(std::move(store_id)) {}

  // nullptr if nothing was ever registered under this name, or all of it is purged.
  std::shared_ptr<const ServiceSnapshot> Find(const ServiceName& name) const;
  // The services of a namespace ("*": of all) changed after `after`, by name.
  std::vector<std::shared_ptr<const ServiceSnapshot>> List(absl::string_view ns,
                                                           Revision after = Revision(0)) const;
  Revision applied() const { return Revision(applied_.load(std::memory_order_acquire)); }
  // Tombstones at or below may be purged, or what was told below was wrong: a resume below needs a
  // fresh snapshot.
  Revision horizon() const { return Revision(horizon_.load(std::memory_order_acquire)); }
  const StoreId& store_id() const { return store_id_; }

  void Publish(std::shared_ptr<const ServiceSnapshot> snapshot);
  void Erase(const ServiceName& name);
  void SetApplied(Revision revision);
  // Never lowers it.
  void SetHorizon(Revision revision);

 private:
  static constexpr size_t kStripes = 64;
  struct Stripe {
    mutable base::Mutex mu;
    absl::btree_map<ServiceName, std::shared_ptr<const ServiceSnapshot>> services
        ABSL_GUARDED_BY(mu);
  };
  Stripe& StripeOf(const ServiceName& name);
  const Stripe& StripeOf(const ServiceName& name) const;

  const StoreId store_id_;
  std::atomic<uint64_t> applied_{0};
  std::atomic<uint64_t> horizon_{0};
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace rollcall::catalog
