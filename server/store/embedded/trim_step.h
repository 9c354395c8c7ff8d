// TrimStep: drops the oldest revisions beyond the limits, as many as one batch should hold.
//
// Dropping a revision deletes, of each record that it changed, the versions before it; its own stay
// as what stood when the rest of history begins. Blocks; for the writer alone.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/record_store.h"
#include "server/store/version_log.h"

namespace rollcall::store {

// Bound how long one step keeps commits waiting; a step drops at least one revision.
inline constexpr size_t kMostRevisionsPerTrimStep = 256;
inline constexpr size_t kMostChangesPerTrimStep = 4096;

// Answers how many revisions were dropped; 0: none is beyond the limits.
absl::StatusOr<uint64_t> TrimStep(RecordStore& disk, const HistoryLimits& limits, absl::Time now);

}  // namespace rollcall::store
