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
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/embedded/layout.h"
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
      : disk_(disk), end_(end), now_(now) {}

  // Fails only if the disk cannot be read.
  absl::StatusOr<Decided> Add(const std::vector<Transaction>& group);

  const Batch& batch() const { return batch_; }
  // Where the order ends once the batch is written.
  const CommitPoint& end() const { return end_; }

 private:
  using Standing = std::optional<layout::StandingRecord>;
  using Changes = absl::btree_map<std::string, std::optional<std::string>>;

  absl::StatusOr<Standing> Find(const std::string& key) const;
  absl::StatusOr<Outcome> Decide(const Transaction& transaction) const;
  absl::Status Collect(const Transaction& transaction, Changes& changes) const;
  ChangeSet Write(Changes changes);

  const RecordReader& disk_;
  CommitPoint end_;
  const absl::Time now_;
  Batch batch_;
  // What the groups so far have written.
  absl::flat_hash_map<std::string, Standing> written_;
};

}  // namespace rollcall::store
