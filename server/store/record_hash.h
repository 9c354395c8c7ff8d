// RecordHash: what replicas compare instead of their records.
//
// The first 64 bits of SHA-256 over key, revision and value: the same on every node and in every
// version. The hash of a set of records is the sum of theirs modulo 2^64, so it does not depend on
// an order and can be kept as records come and go.
//
// Pure.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/model/ids.h"

namespace rollcall::store {

uint64_t RecordHash(absl::string_view key, Revision revision, absl::string_view value);

// Of a set of records.
struct RecordsHash {
  uint64_t hash = 0;
  uint64_t records = 0;
  friend bool operator==(const RecordsHash&, const RecordsHash&) = default;
};

}  // namespace rollcall::store
