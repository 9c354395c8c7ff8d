// ChangeBatch: collects in one batch what the changes of one revision after another write: each
// record as it stands now, the version that it supersedes, and for each revision an entry; so a
// record and its history cannot disagree.
//
// What it says is true once the batch is written; if it is not, throw it away. Reads the disk,
// writes nothing. Thread-compatible.
#pragma once

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/store/batch.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/store_meta.h"
#include "server/store/record_store.h"
#include "server/store/store.h"

namespace rollcall::store {

class ChangeBatch {
 public:
  using Standing = std::optional<layout::StandingRecord>;

  // `disk` stands at `end`, stays so, and outlives this.
  ChangeBatch(const RecordReader& disk, CommitPoint end) : disk_(disk), end_(end) {}

  // The record as it stands after what was added; nullopt: there is none. Valid until the next
  // call. Fails only if the disk cannot be read.
  absl::StatusOr<const Standing*> Find(const std::string& key);
  // `set` is newer than all before, and holds something. Fails as Find does.
  absl::Status Add(const ChangeSet& set);
  // A revision that changed no record.
  void Pass(Revision revision) { end_.revision = revision; }

  Batch& batch() { return batch_; }
  const Batch& batch() const { return batch_; }
  // Where the order ends once the batch is written.
  const CommitPoint& end() const { return end_; }

 private:
  const RecordReader& disk_;
  CommitPoint end_;
  Batch batch_;
  absl::flat_hash_map<std::string, Standing> standing_;  // read, or written by what was added
};

}  // namespace rollcall::store
