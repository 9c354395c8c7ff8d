// DiskReplica: a ReplicaLog on a RecordStore, laid out as EmbeddedStore lays out its own records,
// so that history is read and trimmed in the same way.
//
// Changes queue and are written on `writer`, as many together as there are, each batch with the
// position that it leads to. While the disk is full the queue waits, and is tried again every
// second; when it would outgrow its limit it is dropped, and only a Restart helps. Any other
// failure of the disk ends the writing for good.
//
// Append, Restart, health, needs_restart and backlog_bytes are thread-safe. The same rules for the
// executors at destruction as EmbeddedStore's; what is queued then is not written.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"
#include "server/store/embedded/change_batch.h"
#include "server/store/embedded/disk_version_log.h"
#include "server/store/embedded/store_meta.h"
#include "server/store/record_store.h"
#include "server/store/replica_log.h"

namespace rollcall::store {

class DiskReplica final : public ReplicaLog {
 public:
  struct Options {
    // Of changes that wait to be written.
    size_t max_backlog_bytes = 64 << 20;
    absl::Duration retry = absl::Seconds(1);
  };

  // Blocks. FAILED_PRECONDITION if the disk holds a store of its own, or a newer program's replica.
  static absl::StatusOr<std::unique_ptr<DiskReplica>> Open(RecordStore& disk,
                                                           base::Executor& writer,
                                                           base::Executor& callbacks,
                                                           const base::Clock& clock,
                                                           Options options);

  absl::StatusOr<std::optional<Position>> position() const override;
  absl::Status Load(const std::function<void(Record)>& sink) const override;
  void Append(ChangeSet change) override;
  void Restart(StoreId store, Revision revision, absl::Time now,
               std::vector<Record> records) override;
  absl::Status health() const override;
  bool needs_restart() const override;
  size_t backlog_bytes() const override;
  void OnChanged(std::function<void()> changed) override;

  VersionLog& version_log() { return log_; }

 private:
  // Written together at most, what is superseded included; one revision in any case.
  static constexpr size_t kMaxBytesPerWrite = 4 << 20;

  struct Anew {
    StoreId store;
    Revision revision;
    absl::Time now;
    std::vector<Record> records;
  };
  using Work = std::variant<ChangeSet, std::shared_ptr<Anew>>;

  // The phases and what leads from one to another:
  //
  //   Working       the disk is full → Full; the backlog outgrows its limit → Overflown
  //   Full          the disk takes writes again → Working; the backlog outgrows … → Overflown
  //   Overflown     the disk takes writes (again) → NeedsRestart; Restart → Full
  //   NeedsRestart  Restart → Working
  //   any           the disk fails otherwise → Broken
  enum class Phase { kWorking, kFull, kOverflown, kNeedsRestart, kBroken };

  DiskReplica(RecordStore& disk, base::Executor& writer, base::Executor& callbacks,
              const base::Clock& clock, Options options, CommitPoint end);

  base::Executor::Task WhileAlive(base::Executor::Task task);
  void PostWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SetPhase(Phase phase, absl::Status why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  struct Taken {
    Phase phase;
    uint64_t generation;
    std::vector<Work> work;
  };
  // On the writer.
  void WorkOnce();
  // The front of the queue: one Anew, or changes that go together.
  Taken Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Write(const Taken& taken);
  absl::Status WriteChanges(const std::vector<Work>& work);
  absl::Status WriteBatch(ChangeBatch& changes);
  absl::Status Probe();
  void Settle(Taken taken, const absl::Status& status);

  RecordStore& disk_;
  base::Executor& writer_;
  base::Executor& callbacks_;
  const base::Clock& clock_;
  const Options options_;
  DiskVersionLog log_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  // Owned by the writer.
  CommitPoint end_;

  mutable base::Mutex mu_;
  Phase phase_ ABSL_GUARDED_BY(mu_) = Phase::kWorking;
  absl::Status why_ ABSL_GUARDED_BY(mu_);
  std::deque<Work> queue_ ABSL_GUARDED_BY(mu_);
  // Of the changes in the queue and in the write under way.
  size_t backlog_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // Counts Restarts and overflows: what was taken before is out of date.
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  bool work_posted_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<const std::function<void()>> changed_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::store
