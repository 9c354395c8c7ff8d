// CommitBatch: decides groups of guarded transactions one after another, each against the state
// that the ones before it leave, and collects what they write into one batch.
//
// Its outcomes are true once the batch is written; if it is not, throw them away. Each group that
// changes something takes the next revision. Reads the disk, writes nothing. Thread-compatible.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/embedded/change_batch.h"
#include "server/store/embedded/store_meta.h"
#include "server/store/record_store.h"
#include "server/store/store.h"

namespace rollcall::store {

class CommitBatch {
 public:
  struct Decided {
    std::vector<Outcome> outcomes;     // one for each transaction
    std::optional<ChangeSet> changes;  // nullopt: nothing changed
  };

  // `disk` stands at `end`.
  CommitBatch(const RecordReader& disk, CommitPoint end, absl::Time now)
      : changes_(disk, end), now_(now) {}

  // Fails only if the disk cannot be read.
  absl::StatusOr<Decided> Add(const std::vector<Transaction>& group);

  const Batch& batch() const { return changes_.batch(); }
  // Where the order ends once the batch is written.
  const CommitPoint& end() const { return changes_.end(); }

 private:
  using Changes = absl::btree_map<std::string, std::optional<std::string>>;

  absl::StatusOr<Outcome> Decide(const Transaction& transaction);
  absl::Status Collect(const Transaction& transaction, Changes& changes);
  absl::StatusOr<ChangeSet> Write(Changes changes);

  ChangeBatch changes_;
  const absl::Time now_;
};

}  // namespace rollcall::store
