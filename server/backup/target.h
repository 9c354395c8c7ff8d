// Target: an empty place, or one whose contents are to go, that records are put into, to be a store
// of its own when all of them are there.
//
// Until Finish succeeds no node takes it for a store, whatever happens in between. Calls block, and
// come in the order of this header. Thread-compatible.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/backup/contents.h"
#include "server/backup/record.h"
#include "server/model/ids.h"

namespace rollcall::backup {

class Target {
 public:
  virtual ~Target() = default;
  // FAILED_PRECONDITION if there is something that may not go.
  virtual absl::Status Begin() = 0;
  // Any number of times, each key once. The records' revisions do not count.
  virtual absl::Status Put(const std::vector<Record>& records) = 0;
  // What stands there now.
  virtual absl::StatusOr<Contents> ReadBack() = 0;
  // Makes it a store: its id.
  virtual absl::StatusOr<StoreId> Finish() = 0;
};

}  // namespace rollcall::backup
