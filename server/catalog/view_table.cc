#include "server/catalog/view_table.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace rollcall::catalog {

v1::InstanceSpec InstanceView::Spec() const {
  v1::Instance instance;
  instance.ParseFromString(encoded);
  return std::move(*instance.mutable_spec());
}

ViewTable::Stripe& ViewTable::StripeOf(const ServiceName& name) {
  return stripes_[absl::HashOf(name) % kStripes];
}

const ViewTable::Stripe& ViewTable::StripeOf(const ServiceName& name) const {
  return stripes_[absl::HashOf(name) % kStripes];
}

std::shared_ptr<const ServiceSnapshot> ViewTable::Find(const ServiceName& name) const {
  const Stripe& stripe = StripeOf(name);
  base::MutexLock lock(stripe.mu);
  const auto at = stripe.services.find(name);
  return at == stripe.services.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const ServiceSnapshot>> ViewTable::List(absl::string_view ns,
                                                                    Revision after) const {
  std::vector<std::shared_ptr<const ServiceSnapshot>> found;
  for (const Stripe& stripe : stripes_) {
    base::MutexLock lock(stripe.mu);
    for (const auto& [name, snapshot] : stripe.services) {
      if ((ns == "*" || name.ns == ns) && snapshot->revision > after) found.push_back(snapshot);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return found;
}

void ViewTable::Publish(std::shared_ptr<const ServiceSnapshot> snapshot) {
  Stripe& stripe = StripeOf(snapshot->name);
  const ServiceName name = snapshot->name;
  base::MutexLock lock(stripe.mu);
  stripe.services[name].swap(snapshot);  // The old one is destroyed after the lock is given back.
}

void ViewTable::Erase(const ServiceName& name) {
  std::shared_ptr<const ServiceSnapshot> dropped;
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
