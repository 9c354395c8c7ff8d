#include "server/catalog/snapshot_fold.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/string_view.h"

namespace rollcall::catalog {
namespace {

bool NewerFirst(const SharedView& a, const SharedView& b) {
  if (a->revision() != b->revision()) return a->revision() > b->revision();
  return a->id() < b->id();
}

// By id, and of each the last.
void Settle(std::vector<SharedView>& changes) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const SharedView& a, const SharedView& b) { return a->id() < b->id(); });
  auto out = changes.begin();
  for (auto in = changes.begin(); in != changes.end(); ++in) {
    const auto next = std::next(in);
    if (next != changes.end() && (*next)->id() == (*in)->id()) continue;
    if (out != in) *out = std::move(*in);
    ++out;
  }
  changes.erase(out, changes.end());
}

bool Concerns(const std::vector<SharedView>& changes, absl::string_view id) {
  const auto at = std::lower_bound(
      changes.begin(), changes.end(), id,
      [](const SharedView& change, absl::string_view i) { return change->id() < i; });
  return at != changes.end() && (*at)->id() == id;
}

// Both lists are the old one without what has changed, merged with what that has become.
void MergeInstances(const ServiceSnapshot& last, const std::vector<SharedView>& changes,
                    ServiceSnapshot& next) {
  next.instances.reserve(last.instances.size() + changes.size());
  auto fresh = changes.begin();
  const auto take = [&] {
    if (!(*fresh)->removed()) next.instances.push_back(*fresh);
    ++fresh;
  };
  for (const SharedView& view : last.instances) {
    while (fresh != changes.end() && (*fresh)->id() < view->id()) take();
    if (fresh == changes.end() || (*fresh)->id() != view->id()) next.instances.push_back(view);
  }
  while (fresh != changes.end()) take();
}

void MergeByRevision(const ServiceSnapshot& last, const std::vector<SharedView>& changes,
                     ServiceSnapshot& next) {
  std::vector<SharedView> fresh;
  fresh.reserve(changes.size());
  for (const SharedView& change : changes) {
    if (!change->purged()) fresh.push_back(change);
  }
  std::sort(fresh.begin(), fresh.end(), NewerFirst);
  next.by_revision.reserve(last.by_revision.size() + fresh.size());
  auto at = fresh.begin();
  for (const SharedView& view : last.by_revision) {
    if (Concerns(changes, view->id())) continue;
    while (at != fresh.end() && NewerFirst(*at, view)) next.by_revision.push_back(*at++);
    next.by_revision.push_back(view);
  }
  next.by_revision.insert(next.by_revision.end(), at, fresh.end());
}

}  // namespace

std::shared_ptr<const ServiceSnapshot> FoldChanges(const ServiceName& name,
                                                   const ServiceSnapshot* last,
                                                   std::vector<SharedView> changes,
                                                   Revision revision) {
  static const auto& kNothing = *new ServiceSnapshot();
  const ServiceSnapshot& old = last == nullptr ? kNothing : *last;
  Settle(changes);
  auto next = std::make_shared<ServiceSnapshot>();
  next->name = name;
  next->revision = revision;
  MergeInstances(old, changes, *next);
  MergeByRevision(old, changes, *next);
  for (const SharedView& view : next->instances) ++next->counts[view->standing()];
  return next;
}

}  // namespace rollcall::catalog
