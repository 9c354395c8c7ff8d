// Store: the one order of changes, and the records that stand at its end.
//
// A store keeps records (key, value, revision of the last write). Transactions are guarded: each
// holds or fails on its own, by whether the keys it names still stand at the revisions it names.
// All guards of a group see the state before the group; the transactions of a group that hold share
// one new revision and become visible and durable together. Deleting a record is the purge of a
// tombstone; what users call a removal is a put.
//
// Implementations: store/embedded (RocksDB on this machine), store/etcd (a cluster). Calls are
// thread-safe unless said otherwise; callbacks run on the executor handed to the implementation and
// must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/ids.h"

namespace rollcall::store {

struct Record {
  std::string key;
  std::string value;
  Revision revision;
};

// Holds if the key's record stands at `revision`; 0: if there is no record. A tombstone is a
// record.
struct Guard {
  std::string key;
  Revision revision;
};

struct Put {
  std::string key;
  std::string value;
};

struct Transaction {
  std::vector<Guard> guards;
  std::vector<Put> puts;
  std::vector<std::string> deletes;
};

// The transaction held, at this revision, and is durable.
struct Committed {
  Revision revision;
};
// It did not: `guard` failed; `current` is what stands there (nullopt: no record). Nothing was
// written.
struct GuardFailed {
  Guard guard;
  std::optional<Record> current;
};
// It was not written, and never will be: the store refused it (RESOURCE_EXHAUSTED when full).
struct Refused {
  absl::Status why;
};
// Nobody knows yet. Submitting the identical transaction again settles it.
struct Unknown {
  absl::Status why;
};
using Outcome = std::variant<Committed, GuardFailed, Refused, Unknown>;

// One revision's worth of changes, in key order; there may be none. A value of nullopt marks a
// deleted (purged) record.
struct ChangeSet {
  struct Entry {
    std::string key;
    std::optional<std::string> value;
  };
  Revision revision;
  absl::Time time;
  std::vector<Entry> entries;
};

// Who follows a store: hears what stands, then every change, in revision order.
class Follower {
 public:
  virtual ~Follower() = default;
  // Everything as it stands, leased and control keys included; what is not told is gone. Comes
  // first when nothing was known, and again when the changes since could not be had. In parts, so
  // that nobody has to hold or handle all at once: the instances in the last ones, so that what
  // they derive from is known by then; else in no order. It counts when it is complete, at
  // `revision`; it may be broken off and begun anew before.
  virtual void OnSnapshotBegins() = 0;
  virtual void OnSnapshotPart(std::vector<Record> records) = 0;
  virtual void OnSnapshot(Revision revision) = 0;
  // Going on from a known revision: the leased keys as they stood at it, for nobody keeps those.
  virtual void OnLeased(std::vector<Record> leased) = 0;
  virtual void OnChange(ChangeSet change) = 0;
  // What the store had acknowledged when the following began, or began again, has been told.
  virtual void OnCaughtUp() = 0;
  // Changes may be missing for now; OnCaughtUp will end it.
  virtual void OnInterrupted(absl::Status why) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual const StoreId& id() const = 0;
  // Most transactions that a group may hold.
  virtual size_t max_group() const = 0;
  // Time since it was last certain that this store is the one that all others see too; zero if it
  // always is. Thread-safe.
  virtual absl::Duration age() const = 0;

  // Follows from `after`, which an earlier following reached (0: nothing is known), until this is
  // destroyed. At most once. Where the store is this process's own, the snapshot and OnCaughtUp
  // come within the call, and an error is what keeps it from being read; else the call does not
  // block.
  virtual absl::Status Follow(Revision after, Follower& follower) = 0;
  // Tells the follower OnInterrupted, then a snapshot of what stands now, however little has
  // changed, and goes on from there to OnCaughtUp: for a follower that cannot trust what it holds.
  // After Follow, on the follower's executor; does not block. Where the store is this process's own
  // there is nobody to disagree with: nothing happens.
  virtual void Reload() = 0;

  // Commits a group in which no key is written by one member and guarded or written by another.
  // `done` gets one outcome for each transaction. Several groups may be in flight, and may be
  // decided in any order. The change set may be told before or after the outcome.
  using CommitDone = absl::AnyInvocable<void(std::vector<Outcome>)>;
  virtual void Commit(std::vector<Transaction> group, CommitDone done) = 0;

  // Answers with a revision that will be told, such that everything acknowledged before the call is
  // at or below it. UNAVAILABLE if the store cannot be asked.
  using BarrierDone = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;
  virtual void Barrier(BarrierDone done) = 0;

  // The versions of a record above `after` that are still kept, oldest first, current one included.
  // OUT_OF_RANGE if older ones than can be told may be among them.
  using VersionsDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<Record>>)>;
  virtual void Versions(std::string key, Revision after, VersionsDone done) = 0;
};

}  // namespace rollcall::store
