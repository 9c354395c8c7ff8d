// Timeline: the kept versions of one record, and which of them stood at a revision.
//
// Pure. Versions are added oldest first.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "server/model/ids.h"
#include "server/model/versioned.h"

namespace rollcall::history {

template <typename R>
class Timeline {
 public:
  // A version without a record: it was purged.
  void Add(Versioned<R> version) { versions_.push_back(std::move(version)); }

  // What stood once `revision` was committed; revision 0 and no record: nothing did.
  const Versioned<R>& At(Revision revision) const {
    static const Versioned<R> kNothing;
    const auto after = std::upper_bound(
        versions_.begin(), versions_.end(), revision,
        [](Revision r, const Versioned<R>& version) { return r < version.revision; });
    if (after == versions_.begin() || !std::prev(after)->exists()) return kNothing;
    return *std::prev(after);
  }
  // The record that `revision` wrote, or nullptr.
  const R* WrittenAt(Revision revision) const {
    const Versioned<R>& stands = At(revision);
    return stands.exists() && stands.revision == revision ? &*stands.record : nullptr;
  }
  const std::vector<Versioned<R>>& versions() const { return versions_; }

 private:
  std::vector<Versioned<R>> versions_;
};

}  // namespace rollcall::history
