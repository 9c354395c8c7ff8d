// ReplicaRewrite: makes a replica's tables say what another store says now: writes what differs,
// drops what is not told, in batches of bounded size.
//
// History begins at the new position: earlier versions go, for what happened on the way there is
// not known. The replica is marked as loading by the first batch and is no longer by the last; if
// the writing ends in between, whatever the reason, it counts as empty, and another rewrite goes on
// from what is there.
//
// Blocks; for the writer alone.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/store/record_store.h"
#include "server/store/store.h"

namespace rollcall::store {

class ReplicaRewrite {
 public:
  // About so many bytes go in one batch.
  static constexpr size_t kBatchBytes = 1 << 20;

  explicit ReplicaRewrite(RecordStore& disk) : disk_(disk) {}

  // `records` in key order. What the disk answers when it fails.
  absl::Status Run(const StoreId& store, Revision revision, absl::Time now,
                   const std::vector<Record>& records);

 private:
  absl::Status WriteRecords(const RecordReader& old, const std::vector<Record>& records);
  absl::Status Drop(Table table, const RecordReader& old);
  // Writes the batch if it is full.
  absl::Status Spill();
  absl::Status WriteNow();

  RecordStore& disk_;
  Batch batch_;
};

}  // namespace rollcall::store
