// The records that stand, told one after another, as Follower::OnSnapshot and ReplicaLog::Load tell
// them: those of instances last.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "server/store/record_store.h"
#include "server/store/store.h"

namespace rollcall::store {

// Stops at the first that does not decode.
absl::Status ScanInstancesLast(const RecordReader& reader, absl::FunctionRef<void(Record)> sink);
// In key order.
absl::Status ScanInOrder(const RecordReader& reader, absl::FunctionRef<void(Record)> sink);

}  // namespace rollcall::store
