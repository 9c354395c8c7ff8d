// CheckLog: whether a log of RocksDB's (a write-ahead log or a manifest) holds what was written to
// it, but for an end that a loss of power tore.
//
// RocksDB takes a log that breaks off in the middle of a record to end there, and a record of a
// type that only recycled logs have too: a flipped bit in a length or in a type makes it forget,
// silently, all that follows. And it takes a last record that was written in part, its length kept
// and zeros in some sectors, for damage. So it is told apart here, before RocksDB looks:
//
// * damage is a record that one flipped bit explains, that whole records of a later sync follow, or
//   of which nothing is missing;
// * torn is a last record that the file's end cuts, or in which a sector is empty. Nobody was told
//   that it is written, for it was not synced.
//
// What could be either counts as damage, for nothing that was synced may be forgotten: a torn
// record that lacks nothing but one bit (an end that holds a 1 alone in its sector), and one time
// in 16 000 a larger one that by chance is one bit away from a whole one.
//
// Pure.
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rollcall::store {

// Answers how many bytes from the front hold whole records: what follows is torn. DATA_LOSS, saying
// where, if it is damaged. `together`: so many records may have been synced by one sync.
absl::StatusOr<size_t> CheckLog(absl::string_view log, size_t together = 1);

}  // namespace rollcall::store
