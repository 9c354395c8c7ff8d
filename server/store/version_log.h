// VersionLog: where a store keeps the past of its records, for a while.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/version_view.h"

namespace rollcall::store {

// History beyond either limit goes; what stands now is always kept, however old.
struct HistoryLimits {
  absl::Duration keep_age = absl::Hours(24 * 7);
  // Of the kept revisions, as written; their size on disk is smaller (compression).
  uint64_t keep_bytes = uint64_t{1} << 30;
};

class VersionLog {
 public:
  virtual ~VersionLog() = default;

  // The past as it is kept now; must not outlive the log. Blocks.
  virtual absl::StatusOr<std::unique_ptr<const VersionView>> Read() const = 0;

  // Drops history beyond the limits, oldest first, in steps that commits can pass between. `done`
  // gets the number of revisions dropped. One trim at a time: ABORTED while another runs.
  using TrimDone = absl::AnyInvocable<void(absl::StatusOr<uint64_t>)>;
  virtual void Trim(HistoryLimits limits, absl::Time now, TrimDone done) = 0;
};

}  // namespace rollcall::store
