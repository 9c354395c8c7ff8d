// Transplant: what becomes of a store's records in another store, whose revisions begin anew.
//
// Revisions that records hold of themselves are of the old store and go: a session's and an
// instance's fall back to their record's own. The purge horizon goes too, and in its place stands
// the base that lease epochs are counted on from, above every one that the old store gave. All
// else, secrets, tombstones and lease epochs included, stays as it is. Thread-compatible; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/backup/record.h"

namespace rollcall::backup {

class Transplant {
 public:
  // `from` as the records' source has it.
  explicit Transplant(const Header& from);

  // The value in the new store; nullopt: it does not go along. A value that does not parse goes
  // along as it is: who reads it there says so, as in the old store.
  std::optional<std::string> Take(const Record& record);
  // After all others: the record that the new store has of its own.
  Record Last(absl::Time now) const;

 private:
  void SeeEpoch(uint64_t epoch);

  const uint64_t revision_;
  uint64_t base_ = 0;   // of the old store itself
  uint64_t epoch_ = 0;  // the largest seen
};

}  // namespace rollcall::backup
