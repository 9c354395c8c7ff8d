#include "server/catalog/view_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"

namespace rollcall::catalog {

ViewTable::Stripe& ViewTable::StripeOf(const ServiceName& name) const {
  return stripes_[absl::HashOf(name) % kStripes];
}

ViewTable::Snapshot ViewTable::Newest(Stripe& stripe, const ServiceName& name) {
  Service seen;
  {
    base::MutexLock lock(stripe.mu);
    const auto at = stripe.services.find(name);
    if (at == stripe.services.end()) return nullptr;
    if (at->second.since.empty()) return at->second.made;
    seen = at->second;
  }
  Snapshot made = FoldChanges(name, seen.made.get(), seen.since, seen.revision);
  base::MutexLock lock(stripe.mu);
  const auto at = stripe.services.find(name);
  // Another may have made one meanwhile: this one is true too, and perhaps newer, but not kept.
  if (at == stripe.services.end() || at->second.made_as != seen.made_as) return made;
  Service& service = at->second;
  service.made = made;
  service.made_as = ++stripe.last_made;
  service.since.erase(service.since.begin(),
                      service.since.begin() + static_cast<ptrdiff_t>(seen.since.size()));
  return made;
}

std::shared_ptr<const ServiceSnapshot> ViewTable::Find(const ServiceName& name) const {
  return Newest(StripeOf(name), name);
}

std::vector<ServiceName> ViewTable::Names(absl::string_view ns, Revision after) const {
  std::vector<ServiceName> names;
  for (Stripe& stripe : stripes_) {
    base::MutexLock lock(stripe.mu);
    for (const auto& [name, service] : stripe.services) {
      if ((ns == "*" || name.ns == ns) && service.revision > after) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::shared_ptr<const ServiceSnapshot>> ViewTable::List(absl::string_view ns,
                                                                    Revision after) const {
  std::vector<Snapshot> found;
  for (const ServiceName& name : Names(ns, after)) {
    if (Snapshot snapshot = Find(name)) found.push_back(std::move(snapshot));
  }
  return found;
}

void ViewTable::Publish(Snapshot snapshot) {
  Service dropped;  // Destroyed after the lock is given back.
  const ServiceName name = snapshot->name;
  Stripe& stripe = StripeOf(name);
  base::MutexLock lock(stripe.mu);
  Service& service = stripe.services[name];
  dropped = std::exchange(service, {snapshot->revision, snapshot, ++stripe.last_made, {}});
}

void ViewTable::PublishChanges(const ServiceName& name, Revision revision,
                               std::vector<SharedView> changes) {
  Stripe& stripe = StripeOf(name);
  bool outgrown = false;
  {
    base::MutexLock lock(stripe.mu);
    const auto [at, is_new] = stripe.services.try_emplace(name);
    Service& service = at->second;
    if (is_new) service.made_as = ++stripe.last_made;
    service.revision = revision;
    service.since.insert(service.since.end(), std::make_move_iterator(changes.begin()),
                         std::make_move_iterator(changes.end()));
    const size_t made = service.made == nullptr ? 0 : service.made->by_revision.size();
    outgrown = service.since.size() > std::max(made, kMayWait);
  }
  if (outgrown) Newest(stripe, name);
}

void ViewTable::Erase(const ServiceName& name) {
  Service dropped;  // Destroyed after the lock is given back.
  Stripe& stripe = StripeOf(name);
  base::MutexLock lock(stripe.mu);
  const auto at = stripe.services.find(name);
  if (at == stripe.services.end()) return;
  dropped = std::move(at->second);
  stripe.services.erase(at);
}

void ViewTable::SetApplied(Revision revision) {
  applied_.store(revision.value(), std::memory_order_release);
}

void ViewTable::SetHorizon(Revision revision) {
  if (revision > horizon()) horizon_.store(revision.value(), std::memory_order_release);
}

}  // namespace rollcall::catalog
