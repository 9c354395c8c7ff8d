// What a store says of itself on disk: format, store id, and how far its history and its revisions
// go.
//
// Free functions over a RecordStore; they block.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/random.h"
#include "server/model/ids.h"
#include "server/store/embedded/layout.h"
#include "server/store/record_store.h"

namespace rollcall::store {

// Where the order of changes ends.
struct CommitPoint {
  Revision revision;
  uint64_t total_bytes = 0;  // layout::RevisionEntry
};

// Answers the id of the store on `disk`; makes the store if the disk is empty. FAILED_PRECONDITION
// if a newer program wrote it.
absl::StatusOr<StoreId> OpenMeta(RecordStore& disk, base::Random& random, absl::Time now);

absl::StatusOr<layout::Floor> ReadFloor(const RecordReader& disk);
absl::StatusOr<CommitPoint> ReadEnd(const RecordReader& disk);

}  // namespace rollcall::store
