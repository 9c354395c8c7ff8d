// What a store says of itself on disk: format, store id, and how far its history and its revisions
// go.
//
// Free functions over a RecordStore; they block.
#pragma once

#include <cstdint>
#include <optional>

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
  // In which the tables were written up to here. An earlier one is raised by the first change, not
  // at opening: a disk that is full can be opened and read.
  uint64_t format = layout::kFormat;
};

// Answers the id of the store on `disk`; makes the store if the disk is empty. FAILED_PRECONDITION
// if a newer program wrote it, or if it holds a replica of another store.
absl::StatusOr<StoreId> OpenMeta(RecordStore& disk, base::Random& random, absl::Time now);

// Makes an empty replica if the disk is empty. FAILED_PRECONDITION if a newer program wrote it, or
// if it holds a store of its own.
absl::Status OpenReplicaMeta(RecordStore& disk, absl::Time now);

// What a replica's records stand at; nullopt: it is empty, or was left half-written.
struct ReplicaPosition {
  StoreId store;
  Revision revision;
};
absl::StatusOr<std::optional<ReplicaPosition>> ReadPosition(const RecordReader& disk);
// Whether a replica is being written anew: its tables are of no one moment then.
absl::StatusOr<bool> IsLoading(const RecordReader& disk);

absl::StatusOr<layout::Floor> ReadFloor(const RecordReader& disk);
absl::StatusOr<CommitPoint> ReadEnd(const RecordReader& disk);

}  // namespace rollcall::store
