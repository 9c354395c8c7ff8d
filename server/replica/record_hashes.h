// RecordHashes: the hash of all records that a replica was told of, kept as they change.
//
// Holds 16 bytes for each record: its hash, by a hash of its key that is this process's own. Two
// keys of one hash would spoil the sum; with a million records that happens once in 30 million
// processes, and costs a false alarm.
//
// Thread-compatible.
#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/model/ids.h"
#include "server/store/record_hash.h"

namespace rollcall::replica {

class RecordHashes {
 public:
  // The record stands so now.
  void Put(absl::string_view key, Revision revision, absl::string_view value);
  // There is no such record any more.
  void Erase(absl::string_view key);
  // Whether the record was told as this, to the last byte.
  bool Holds(absl::string_view key, Revision revision, absl::string_view value) const;

  store::RecordsHash sum() const { return {sum_, by_key_.size()}; }

 private:
  absl::flat_hash_map<uint64_t, uint64_t> by_key_;
  uint64_t sum_ = 0;
};

}  // namespace rollcall::replica
