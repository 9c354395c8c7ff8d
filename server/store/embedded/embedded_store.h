// EmbeddedStore: the Store on this machine's own disk: one writer, one revision for each group that
// changes something, records and history in one synced batch.
//
// Groups that queue while the disk is busy are written together, each keeping its own revision. A
// full disk answers RESOURCE_EXHAUSTED and is asked again by the next commit. Any other failure of
// a write leaves its outcome, and that of all later commits, unknown: the store must be opened
// again.
//
// Calls are thread-safe. Commits are decided on `writer`, whose tasks block on the disk; change
// sets and answers are delivered on `callbacks`. Both executors must have stopped, or be the
// destroying thread's own, when it is destroyed; what they did not run by then is never answered.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"
#include "client-sdk/base/random.h"
#include "server/store/embedded/commit_batch.h"
#include "server/store/embedded/disk_version_log.h"
#include "server/store/embedded/store_meta.h"
#include "server/store/record_store.h"
#include "server/store/store.h"

namespace rollcall::store {

class EmbeddedStore final : public Store {
 public:
  // Reads what the disk holds, and makes a store with a new id if it holds nothing. Blocks.
  // FAILED_PRECONDITION if a newer program wrote it.
  static absl::StatusOr<std::unique_ptr<EmbeddedStore>> Open(RecordStore& disk,
                                                             base::Executor& writer,
                                                             base::Executor& callbacks,
                                                             const base::Clock& clock,
                                                             base::Random& random);

  const StoreId& id() const override { return id_; }
  size_t max_group() const override { return kMaxGroup; }
  absl::Duration age() const override { return absl::ZeroDuration(); }
  // `after` must be within the kept history, or 0.
  absl::Status Follow(Revision after, Follower& follower) override;
  void Reload() override {}
  void Commit(std::vector<Transaction> group, CommitDone done) override;
  void Barrier(BarrierDone done) override;
  // Without purges: a purge is no version.
  void Versions(std::string key, Revision after, VersionsDone done) override;

  // The history of this store.
  VersionLog& version_log() { return log_; }

  // Reads every record at one revision, in key order, and returns that revision. Blocks.
  absl::StatusOr<Revision> Load(absl::FunctionRef<void(Record)> sink) const;
  // From now on calls `sink` once for each revision above `after`, in order, which must be within
  // the kept history. At most one watch.
  using ChangeSink = std::function<void(ChangeSet)>;
  void Watch(Revision after, ChangeSink sink);

 private:
  static constexpr size_t kMaxGroup = 256;
  // Written together at most: groups, and bytes, what they supersede included; one group in any
  // case.
  static constexpr size_t kMaxGroupsPerWrite = 64;
  static constexpr size_t kMaxBytesPerWrite = 4 << 20;

  struct Queued {
    std::vector<Transaction> group;
    CommitDone done;
  };
  struct Delivery {
    std::optional<ChangeSet> changes;
    std::vector<Outcome> outcomes;
    CommitDone done;
  };
  using SharedSink = std::shared_ptr<const ChangeSink>;

  EmbeddedStore(RecordStore& disk, base::Executor& writer, base::Executor& callbacks,
                const base::Clock& clock, StoreId id, CommitPoint end);

  // `task` unless this is destroyed before it runs.
  base::Executor::Task WhileAlive(base::Executor::Task task);

  // On the writer.
  void WriteQueued();
  std::deque<Queued> TakeQueued();
  // Those from `from` on are the next to be taken.
  void PutBack(std::deque<Queued>& groups, size_t from);
  std::vector<Delivery> WriteTogether(std::deque<Queued> groups);
  void WriteAlone(Queued queued, std::vector<Delivery>& out);
  absl::Status WriteBatch(const CommitBatch& batch);
  std::vector<Outcome> AllUnknown(size_t count) const;
  void Deliver(std::vector<Delivery> deliveries);
  void StartWatch(Revision after, SharedSink sink);
  absl::Status ReplayAfter(Revision after, const ChangeSink& sink) const;
  absl::StatusOr<std::vector<Record>> ReadVersions(const std::string& key, Revision after) const;

  RecordStore& disk_;
  base::Executor& writer_;
  base::Executor& callbacks_;
  const base::Clock& clock_;
  const StoreId id_;
  DiskVersionLog log_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  // Owned by the writer.
  CommitPoint end_;
  absl::Status failure_;  // not OK: the end of the order on disk is not known any more
  SharedSink sink_;

  base::Mutex mu_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mu_);
  bool write_posted_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::store
