// What one revision's changes write: for each key its record and its version, and one revision
// entry, in one batch; so a record and its history cannot disagree.
//
// Pure.
#pragma once

#include "server/store/batch.h"
#include "server/store/embedded/store_meta.h"
#include "server/store/store.h"

namespace rollcall::store {

// `end` stands before `set` and is moved to it. `set` must hold something.
void AddChange(const ChangeSet& set, CommitPoint& end, Batch& batch);

}  // namespace rollcall::store
