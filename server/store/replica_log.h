// ReplicaLog: a node's own copy of a store that stands elsewhere, on this node's disk: the records
// as of a position in the store's order, and history.
//
// It may lag behind what the node knows, and may be lost; it is never ahead, and its records and
// its position change together. What it holds after a crash is a true state of the past. Leased and
// control keys are not in it.
//
// Load and position block, and come before everything else. Append and Restart never block: they
// are carried out in order, elsewhere. health() is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/store.h"

namespace rollcall::store {

class ReplicaLog {
 public:
  struct Position {
    StoreId store;
    Revision revision;
  };

  virtual ~ReplicaLog() = default;

  // nullopt: it is empty.
  virtual absl::StatusOr<std::optional<Position>> position() const = 0;
  // Tells every record, as Follower::OnSnapshot does.
  virtual absl::Status Load(const std::function<void(Record)>& sink) const = 0;

  // The next revision's changes, records only; possibly none, which moves the position alone.
  virtual void Append(ChangeSet change) = 0;
  // Everything anew, at `revision` of `store`: what differs is written, what is not among `records`
  // is dropped. Of the same store: history is kept, with a marked gap before `revision`. Of
  // another: all that was is dropped.
  virtual void Restart(StoreId store, Revision revision, absl::Time now,
                       std::vector<Record> records) = 0;

  // Not OK while changes cannot be written (the disk is full or broken); the node then serves from
  // memory and is not ready. RESOURCE_EXHAUSTED heals by itself when there is space again.
  virtual absl::Status health() const = 0;
  // Changes were lost to it, more than it could hold back, and it can be written again: it stays at
  // an older state, whatever is appended, until Restart. Thread-safe.
  virtual bool needs_restart() const = 0;
  // Of changes that are not written yet. Thread-safe.
  virtual size_t backlog_bytes() const = 0;
  // Calls `changed`, on the executor of the one who follows the store, when one of the two has
  // changed. Before Append and Restart.
  virtual void OnChanged(std::function<void()> changed) = 0;
};

}  // namespace rollcall::store
