#include "client-sdk/src/candidates.h"

#include <algorithm>
#include <functional>

namespace rollcall::sdk {
namespace {

using Predicate = std::function<bool(const Instance&)>;

// Those for which `keep` says true, or all if that would leave none.
std::vector<InstancePtr> Prefer(const std::vector<InstancePtr>& from, const Predicate& keep) {
  std::vector<InstancePtr> kept;
  for (const InstancePtr& instance : from) {
    if (keep(*instance)) kept.push_back(instance);
  }
  return kept.empty() ? from : kept;
}

bool HasWeight(const Instance& instance) { return instance.weight > 0; }

std::vector<InstancePtr> Nearest(const std::vector<InstancePtr>& from, const Locality& near,
                                 size_t at_least) {
  for (int reach = 0; reach < 3; ++reach) {
    std::vector<InstancePtr> group;
    for (const InstancePtr& instance : from) {
      if (Distance(near, instance->locality) <= reach) group.push_back(instance);
    }
    const size_t pickable =
        std::count_if(group.begin(), group.end(), [](const auto& i) { return HasWeight(*i); });
    if (!group.empty() && pickable >= at_least) return group;
  }
  return from;
}

}  // namespace

int Distance(const Locality& near, const Locality& instance) {
  if (near.region != instance.region) return 3;
  if (near.zone.empty() || near.zone != instance.zone) return 2;
  if (near.sub_zone.empty() || near.sub_zone != instance.sub_zone) return 1;
  return 0;
}

std::vector<InstancePtr> Candidates(const ServiceView& view, const PickerOptions& options) {
  std::vector<InstancePtr> candidates = view.serving();
  if (options.avoid) {
    candidates = Prefer(candidates, [&](const Instance& i) { return !options.avoid(i); });
  }
  if (options.near) candidates = Nearest(candidates, *options.near, options.near_at_least);
  return Prefer(candidates, HasWeight);
}

}  // namespace rollcall::sdk
