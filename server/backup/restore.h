// Restore: puts the records of one store into a new one, and reads them back before it is one.
//
// Blocks.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/backup/source.h"
#include "server/backup/target.h"

namespace rollcall::backup {

// How many records are there so far.
using Progress = std::function<void(uint64_t records)>;

struct Restored {
  Header from;
  StoreId store;
  uint64_t records = 0;
};

// An error leaves no new store. DATA_LOSS if what was read back is not what was put.
absl::StatusOr<Restored> Restore(const Source& source, Target& target, absl::Time now,
                                 const Progress& progress);

}  // namespace rollcall::backup
