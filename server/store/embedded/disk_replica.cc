#include "server/store/embedded/disk_replica.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/record_scan.h"
#include "server/store/embedded/replica_rewrite.h"

namespace rollcall::store {
namespace {

size_t BytesOf(const ChangeSet& change) {
  size_t bytes = sizeof(ChangeSet);
  for (const ChangeSet::Entry& entry : change.entries) {
    bytes += sizeof(entry) + entry.key.size() + (entry.value ? entry.value->size() : 0);
  }
  return bytes;
}

// The layout cannot hold other keys; no record of ours has one.
bool Fits(const std::string& key) {
  return !key.empty() && key.find(layout::kKeyEnd) == std::string::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DiskReplica>> DiskReplica::Open(RecordStore& disk,
                                                               base::Executor& writer,
                                                               base::Executor& callbacks,
                                                               const base::Clock& clock,
                                                               Options options) {
  RETURN_IF_ERROR(OpenReplicaMeta(disk, clock.Wall()));
  ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(disk));
  return std::unique_ptr<DiskReplica>(
      new DiskReplica(disk, writer, callbacks, clock, options, end));
}

DiskReplica::DiskReplica(RecordStore& disk, base::Executor& writer, base::Executor& callbacks,
                         const base::Clock& clock, Options options, CommitPoint end)
    : disk_(disk),
      writer_(writer),
      callbacks_(callbacks),
      clock_(clock),
      options_(options),
      log_(disk, writer, callbacks),
      end_(end) {}

absl::StatusOr<std::optional<ReplicaLog::Position>> DiskReplica::position() const {
  ASSIGN_OR_RETURN(const std::optional<ReplicaPosition> at, ReadPosition(disk_));
  if (!at) return std::optional<Position>();
  return std::optional<Position>({at->store, at->revision});
}

absl::Status DiskReplica::Load(const std::function<void(Record)>& sink) const {
  return ScanInstancesLast(disk_, sink);
}

void DiskReplica::Append(ChangeSet change) {
  std::erase_if(change.entries, [](const auto& entry) { return !Fits(entry.key); });
  const size_t bytes = BytesOf(change);
  base::MutexLock lock(mu_);
  if (phase_ != Phase::kWorking && phase_ != Phase::kFull) return;
  if (backlog_bytes_ + bytes > options_.max_backlog_bytes) {
    queue_.clear();
    backlog_bytes_ = 0;
    ++generation_;
    SetPhase(Phase::kOverflown,
             absl::ResourceExhaustedError(absl::StrCat(
                 disk_.name(), " could not be written for so long that more than ",
                 options_.max_backlog_bytes >> 20, " MiB wait: all will be written anew")));
  } else {
    backlog_bytes_ += bytes;
    queue_.push_back(std::move(change));
  }
  PostWork();
}

void DiskReplica::Restart(StoreId store, Revision revision, absl::Time now,
                          std::vector<Record> records) {
  auto anew = std::make_shared<Anew>(Anew{std::move(store), revision, now, std::move(records)});
  base::MutexLock lock(mu_);
  if (phase_ == Phase::kBroken) return;
  queue_.clear();
  backlog_bytes_ = 0;
  ++generation_;
  queue_.push_back(std::move(anew));
  if (phase_ == Phase::kNeedsRestart) SetPhase(Phase::kWorking, absl::OkStatus());
  if (phase_ == Phase::kOverflown) SetPhase(Phase::kFull, why_);
  PostWork();
}

absl::Status DiskReplica::health() const {
  base::MutexLock lock(mu_);
  return why_;
}

bool DiskReplica::needs_restart() const {
  base::MutexLock lock(mu_);
  return phase_ == Phase::kNeedsRestart;
}

size_t DiskReplica::backlog_bytes() const {
  base::MutexLock lock(mu_);
  return backlog_bytes_;
}

void DiskReplica::OnChanged(std::function<void()> changed) {
  base::MutexLock lock(mu_);
  changed_ = std::make_shared<const std::function<void()>>(std::move(changed));
}

base::Executor::Task DiskReplica::WhileAlive(base::Executor::Task task) {
  return [alive = std::weak_ptr<const bool>(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  };
}

void DiskReplica::PostWork() {
  if (work_posted_) return;
  work_posted_ = true;
  writer_.Post(WhileAlive([this] { WorkOnce(); }));
}

void DiskReplica::SetPhase(Phase phase, absl::Status why) {
  phase_ = phase;
  why_ = std::move(why);
  if (changed_ == nullptr) return;
  callbacks_.Post(WhileAlive([changed = changed_] { (*changed)(); }));
}

void DiskReplica::WorkOnce() {
  Taken taken;
  {
    base::MutexLock lock(mu_);
    taken = Take();
  }
  const absl::Status status = Write(taken);
  Settle(std::move(taken), status);
}

DiskReplica::Taken DiskReplica::Take() {
  Taken taken{phase_, generation_, {}};
  size_t bytes = 0;
  while (!queue_.empty() && bytes < kMaxBytesPerWrite) {
    const auto* change = std::get_if<ChangeSet>(&queue_.front());
    bytes += change != nullptr ? BytesOf(*change) : kMaxBytesPerWrite;
    taken.work.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

absl::Status DiskReplica::Write(const Taken& taken) {
  if (taken.phase == Phase::kOverflown) return Probe();
  if (taken.phase == Phase::kBroken || taken.work.empty()) return absl::OkStatus();
  const auto* anew = std::get_if<std::shared_ptr<Anew>>(&taken.work.front());
  if (anew == nullptr) return WriteChanges(taken.work);
  Anew& all = **anew;
  std::erase_if(all.records, [](const Record& record) { return !Fits(record.key); });
  std::sort(all.records.begin(), all.records.end(),
            [](const Record& a, const Record& b) { return a.key < b.key; });
  RETURN_IF_ERROR(ReplicaRewrite(disk_).Run(all.store, all.revision, all.now, all.records));
  end_ = {all.revision};
  return absl::OkStatus();
}

absl::Status DiskReplica::WriteChanges(const std::vector<Work>& work) {
  for (auto next = work.begin(); next != work.end();) {
    ChangeBatch changes(disk_, end_);
    for (; next != work.end() && changes.batch().bytes() < kMaxBytesPerWrite; ++next) {
      const ChangeSet& change = std::get<ChangeSet>(*next);
      if (change.revision <= changes.end().revision) continue;
      if (change.entries.empty()) {
        changes.Pass(change.revision);
      } else {
        RETURN_IF_ERROR(changes.Add(change));
      }
    }
    if (changes.end().revision > end_.revision) RETURN_IF_ERROR(WriteBatch(changes));
  }
  return absl::OkStatus();
}

absl::Status DiskReplica::WriteBatch(ChangeBatch& changes) {
  const std::string position = layout::EncodeNumber(changes.end().revision.value());
  changes.batch().Put(Table::kMeta, layout::kPositionKey, position);
  if (MUTANT(position_before_records)) {
    Batch alone;
    alone.Put(Table::kMeta, layout::kPositionKey, position);
    RETURN_IF_ERROR(disk_.Write(alone));
  }
  RETURN_IF_ERROR(disk_.Write(changes.batch()));
  end_ = changes.end();
  return absl::OkStatus();
}

// Finds out whether a write of some size is taken, and leaves nothing.
absl::Status DiskReplica::Probe() {
  constexpr char kProbeKey[] = "probe";
  Batch batch;
  batch.Put(Table::kMeta, kProbeKey, std::string(ReplicaRewrite::kBatchBytes, '\0'));
  batch.Delete(Table::kMeta, kProbeKey);
  return disk_.Write(batch);
}

void DiskReplica::Settle(Taken taken, const absl::Status& status) {
  const bool full = absl::IsResourceExhausted(status);
  base::MutexLock lock(mu_);
  const bool current = taken.generation == generation_;
  if (!status.ok() && !full) {
    queue_.clear();
    backlog_bytes_ = 0;
    SetPhase(Phase::kBroken,
             absl::Status(status.code(), absl::StrCat("this node's copy of the store cannot be "
                                                      "written any more: ",
                                                      status.message())));
  } else if (full) {
    if (current) {
      queue_.insert(queue_.begin(), std::make_move_iterator(taken.work.begin()),
                    std::make_move_iterator(taken.work.end()));
    }
    if (phase_ == Phase::kWorking) SetPhase(Phase::kFull, status);
  } else {
    for (const Work& one : taken.work) {
      const auto* change = std::get_if<ChangeSet>(&one);
      if (current && change != nullptr) backlog_bytes_ -= BytesOf(*change);
    }
    if (phase_ == Phase::kFull) SetPhase(Phase::kWorking, absl::OkStatus());
    if (phase_ == Phase::kOverflown && taken.phase == Phase::kOverflown) {
      SetPhase(Phase::kNeedsRestart,
               absl::UnavailableError(absl::StrCat(
                   disk_.name(), " missed changes and waits for all to be written anew")));
    }
  }
  work_posted_ = phase_ == Phase::kOverflown || !queue_.empty();
  if (!work_posted_) return;
  if (full) {
    writer_.PostAt(clock_.Steady() + options_.retry, WhileAlive([this] { WorkOnce(); }));
  } else {
    writer_.Post(WhileAlive([this] { WorkOnce(); }));
  }
}

}  // namespace rollcall::store
