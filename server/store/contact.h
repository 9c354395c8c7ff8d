// Whether a store counts as reachable: while that was certain lately. Otherwise what a node says is
// marked stale, and no session's deadline advances.
#pragma once

#include "absl/time/time.h"
#include "server/store/store.h"

namespace rollcall::store {

inline constexpr absl::Duration kReachableWithin = absl::Seconds(1);

// Thread-safe.
inline bool Reachable(const Store& store) { return store.age() <= kReachableWithin; }

}  // namespace rollcall::store
