// Store: the one order of changes, and the records that stand at its end.
//
// A store keeps records (key, value, revision of the last write). Transactions are guarded: each
// holds or fails on its own, by whether the keys it names still stand at the revisions it names.
// All guards of a group see the state before the group; the transactions of a group that hold share
// one new revision and become visible and durable together. Deleting a record is the purge of a
// tombstone; what users call a removal is a put.
//
// Implementations: store/embedded (RocksDB on this machine); store/etcd is planned behind the same
// seam. Calls are thread-safe unless said otherwise; callbacks run on the executor handed to the
// implementation and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
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

// One revision's worth of changes, in key order. An empty value marks a deleted (purged) record.
struct ChangeSet {
  struct Entry {
    std::string key;
    std::optional<std::string> value;
  };
  Revision revision;
  absl::Time time;
  std::vector<Entry> entries;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual const StoreId& id() const = 0;
  // Most transactions that a group may hold.
  virtual size_t max_group() const = 0;

  // Reads every record at one revision, in key order, in calls of `sink`; returns that revision.
  // Used once, before Watch. The only call that blocks.
  virtual absl::StatusOr<Revision> Load(const std::function<void(Record)>& sink) = 0;

  // From now on calls `sink` once for each revision above `after`, in order. A commit's change set
  // is delivered before its outcome. At most one watch.
  using ChangeSink = std::function<void(ChangeSet)>;
  virtual void Watch(Revision after, ChangeSink sink) = 0;

  // Commits a group in which no key is written by one member and guarded or written by another.
  // `done` gets one outcome for each transaction. Several groups may be in flight; they are decided
  // in the order of the calls.
  using CommitDone = absl::AnyInvocable<void(std::vector<Outcome>)>;
  virtual void Commit(std::vector<Transaction> group, CommitDone done) = 0;

  // Answers with a revision such that everything acknowledged before the call is at or below it.
  using BarrierDone = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;
  virtual void Barrier(BarrierDone done) = 0;

  // The versions of a record above `after` that are still kept, oldest first, current one included.
  using VersionsDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<Record>>)>;
  virtual void Versions(std::string key, Revision after, VersionsDone done) = 0;
};

}  // namespace rollcall::store
