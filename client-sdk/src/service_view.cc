#include <algorithm>
#include <utility>

#include "rollcall/discovery.h"

namespace rollcall {
namespace {

bool IdLess(const InstancePtr& a, const InstancePtr& b) { return a->id < b->id; }

bool TakenOut(Standing standing) {
  return standing == Standing::kDraining || standing == Standing::kOutOfService;
}

}  // namespace

ServiceView::ServiceView(std::string service, std::vector<InstancePtr> instances, ViewOrigin origin)
    : service_(std::move(service)), instances_(std::move(instances)), origin_(std::move(origin)) {
  if (!std::is_sorted(instances_.begin(), instances_.end(), IdLess)) {
    std::sort(instances_.begin(), instances_.end(), IdLess);
  }
  const size_t candidates = std::count_if(instances_.begin(), instances_.end(),
                                          [](const auto& i) { return !TakenOut(i->standing); });
  for (Standing worst : {Standing::kPassing, Standing::kSuspect, Standing::kCritical}) {
    if (2 * serving_.size() >= candidates && worst != Standing::kPassing) break;
    const size_t before = serving_.size();
    for (const InstancePtr& instance : instances_) {
      if (instance->standing == worst) serving_.push_back(instance);
    }
    if (worst != Standing::kPassing && serving_.size() > before) panic_ = true;
  }
  if (panic_) std::sort(serving_.begin(), serving_.end(), IdLess);
}

const Instance* ServiceView::Find(absl::string_view id) const {
  const auto at = std::lower_bound(
      instances_.begin(), instances_.end(), id,
      [](const InstancePtr& a, absl::string_view wanted) { return a->id < wanted; });
  return at != instances_.end() && (*at)->id == id ? at->get() : nullptr;
}

}  // namespace rollcall
