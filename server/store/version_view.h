// VersionView: the kept past of every record, as of one moment; history is computed from it.
//
// A record's version stands from its revision until the record's next version. Kept are all
// versions above the floor and, of each record, the one that stood at the floor. Unchanged by later
// commits and trims. Thread-compatible; reads block.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/model/ids.h"

namespace rollcall::store {

struct Version {
  std::string key;
  Revision revision;
  std::optional<std::string> value;  // nullopt: the record was purged
};

// History begins here: the state at this revision and all later ones is known.
struct HistoryFloor {
  Revision revision;
  absl::Time time;
};

class VersionView {
 public:
  using Sink = absl::FunctionRef<void(Version)>;

  virtual ~VersionView() = default;
  // The newest revision of this view; 0 if nothing was ever committed.
  virtual Revision revision() const = 0;
  virtual HistoryFloor floor() const = 0;

  // The versions of the records whose keys begin with `prefix`, by key, then oldest first.
  virtual absl::Status ScanPrefix(absl::string_view prefix, Sink sink) const = 0;
  // The versions of one record, oldest first.
  virtual absl::Status ScanKey(absl::string_view key, Sink sink) const = 0;

  // When a revision above the floor was committed, by the wall clock of the node that did it.
  virtual absl::StatusOr<absl::Time> TimeOf(Revision revision) const = 0;
  // The newest revision committed at or before `time`; the floor's for any earlier time. If the
  // wall clock was set back, `time` may have come more than once: one of those moments.
  virtual absl::StatusOr<Revision> RevisionAt(absl::Time time) const = 0;
};

}  // namespace rollcall::store
