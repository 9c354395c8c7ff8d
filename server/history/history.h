// History: what changed and why, and what stood at a time, computed from the versions that the
// store keeps.
//
// It writes nothing of its own, so it cannot disagree with the records. Thread-safe; every call
// blocks on the disk and sees one consistent state.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rollcall/v1/types.pb.h"
#include "server/history/past_reader.h"
#include "server/model/ids.h"
#include "server/store/version_log.h"

namespace rollcall::history {

struct ChangesPage {
  std::vector<v1::Change> changes;  // by revision, then key
  Revision revision;                // everything up to here was looked at
  absl::Time kept_since;            // older changes are no longer known
  bool truncated = false;           // there were more than asked for; the oldest are left out
};

struct PastInstances {
  std::vector<v1::Instance> instances;  // in the order of their keys
  Revision revision;                    // at which they stood
};

class History {
 public:
  explicit History(const store::VersionLog& log) : log_(log) {}

  // The newest `limit` changes committed at or after `since`.
  absl::StatusOr<ChangesPage> Changes(const Scope& scope, absl::Time since, size_t limit) const;

  // Older changes are no longer known.
  absl::StatusOr<absl::Time> KeptSince() const;

  // The instances as they stood at `time`. OUT_OF_RANGE if history does not reach so far back.
  absl::StatusOr<PastInstances> InstancesAt(const Scope& scope, absl::Time time) const;

 private:
  const store::VersionLog& log_;
};

}  // namespace rollcall::history
