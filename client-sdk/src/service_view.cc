#include <algorithm>
#include <iterator>
#include <utility>

#include "client-sdk/base/serving.h"
#include "rollcall/discovery.h"

namespace rollcall {
namespace {

bool IdLess(const InstancePtr& a, const InstancePtr& b) { return a->id < b->id; }

bool IsServed(Standing standing, base::ServeDownTo level) {
  switch (standing) {
    case Standing::kPassing:
      return true;
    case Standing::kSuspect:
      return level != base::ServeDownTo::kPassing;
    case Standing::kCritical:
      return level == base::ServeDownTo::kCritical;
    default:
      return false;
  }
}

}  // namespace

ServiceView::ServiceView(std::string service, std::vector<InstancePtr> instances, ViewOrigin origin)
    : service_(std::move(service)), instances_(std::move(instances)), origin_(std::move(origin)) {
  if (!std::is_sorted(instances_.begin(), instances_.end(), IdLess)) {
    std::sort(instances_.begin(), instances_.end(), IdLess);
  }
  const auto count = [this](Standing standing) {
    return static_cast<uint32_t>(
        std::count_if(instances_.begin(), instances_.end(),
                      [standing](const auto& i) { return i->standing == standing; }));
  };
  const uint32_t passing = count(Standing::kPassing);
  const base::ServeDownTo level =
      base::ServingLevel(passing, count(Standing::kSuspect), count(Standing::kCritical));
  std::copy_if(instances_.begin(), instances_.end(), std::back_inserter(serving_),
               [level](const auto& i) { return IsServed(i->standing, level); });
  panic_ = serving_.size() > passing;
}

const Instance* ServiceView::Find(absl::string_view id) const {
  const auto at = std::lower_bound(
      instances_.begin(), instances_.end(), id,
      [](const InstancePtr& a, absl::string_view wanted) { return a->id < wanted; });
  return at != instances_.end() && (*at)->id == id ? at->get() : nullptr;
}

}  // namespace rollcall
