#include "server/store/embedded/embedded_store.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/record_scan.h"
#include "server/store/embedded/version_scan.h"

namespace rollcall::store {
namespace {

constexpr size_t kRecordsPerPart = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedStore>> EmbeddedStore::Open(RecordStore& disk,
                                                                   base::Executor& writer,
                                                                   base::Executor& callbacks,
                                                                   const base::Clock& clock,
                                                                   base::Random& random) {
  ASSIGN_OR_RETURN(StoreId id, OpenMeta(disk, random, clock.Wall()));
  ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(disk));
  return std::unique_ptr<EmbeddedStore>(
      new EmbeddedStore(disk, writer, callbacks, clock, std::move(id), end));
}

EmbeddedStore::EmbeddedStore(RecordStore& disk, base::Executor& writer, base::Executor& callbacks,
                             const base::Clock& clock, StoreId id, CommitPoint end)
    : disk_(disk),
      writer_(writer),
      callbacks_(callbacks),
      clock_(clock),
      id_(std::move(id)),
      log_(disk, writer, callbacks),
      end_(end) {}

base::Executor::Task EmbeddedStore::WhileAlive(base::Executor::Task task) {
  return [alive = std::weak_ptr<const bool>(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  };
}

absl::Status EmbeddedStore::Follow(Revision after, Follower& follower) {
  if (after == Revision(0)) {
    const std::unique_ptr<const RecordReader> view = disk_.Snapshot();
    ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(*view));
    after = end.revision;
    follower.OnSnapshotBegins();
    std::vector<Record> part;
    const auto tell = [&] { follower.OnSnapshotPart(std::exchange(part, {})); };
    RETURN_IF_ERROR(ScanInstancesLast(*view, [&](Record record) {
      part.push_back(std::move(record));
      if (part.size() == kRecordsPerPart) tell();
    }));
    tell();
    follower.OnSnapshot(after);
  }
  Watch(after, [&follower](ChangeSet change) { follower.OnChange(std::move(change)); });
  follower.OnCaughtUp();
  return absl::OkStatus();
}

absl::StatusOr<Revision> EmbeddedStore::Load(absl::FunctionRef<void(Record)> sink) const {
  const std::unique_ptr<const RecordReader> view = disk_.Snapshot();
  ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(*view));
  RETURN_IF_ERROR(ScanInOrder(*view, sink));
  return end.revision;
}

void EmbeddedStore::Commit(std::vector<Transaction> group, CommitDone done) {
  ROLLCALL_CHECK(group.size() <= kMaxGroup, "a group fits into max_group()");
  base::MutexLock lock(mu_);
  queue_.push_back({std::move(group), std::move(done)});
  if (write_posted_) return;
  write_posted_ = true;
  writer_.Post(WhileAlive([this] { WriteQueued(); }));
}

void EmbeddedStore::WriteQueued() {
  std::vector<Delivery> deliveries = WriteTogether(TakeQueued());
  Deliver(std::move(deliveries));
  base::MutexLock lock(mu_);
  write_posted_ = !queue_.empty();
  if (write_posted_) writer_.Post(WhileAlive([this] { WriteQueued(); }));
}

std::deque<EmbeddedStore::Queued> EmbeddedStore::TakeQueued() {
  base::MutexLock lock(mu_);
  std::deque<Queued> taken;
  while (!queue_.empty() && taken.size() < kMaxGroupsPerWrite) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

void EmbeddedStore::PutBack(std::deque<Queued>& groups, size_t from) {
  const auto first = groups.begin() + static_cast<std::ptrdiff_t>(from);
  base::MutexLock lock(mu_);
  queue_.insert(queue_.begin(), std::make_move_iterator(first),
                std::make_move_iterator(groups.end()));
  groups.erase(first, groups.end());
}

std::vector<EmbeddedStore::Delivery> EmbeddedStore::WriteTogether(std::deque<Queued> groups) {
  std::vector<Delivery> deliveries;
  CommitBatch batch(disk_, end_, clock_.Wall());
  absl::Status status = failure_;
  for (size_t i = 0; i < groups.size() && status.ok(); ++i) {
    if (batch.batch().bytes() >= kMaxBytesPerWrite) {
      PutBack(groups, i);
      break;
    }
    absl::StatusOr<CommitBatch::Decided> decided = batch.Add(groups[i].group);
    status = decided.status();
    if (!status.ok()) break;
    deliveries.push_back({std::move(decided->changes), std::move(decided->outcomes), nullptr});
  }
  if (status.ok()) status = WriteBatch(batch);
  if (status.ok()) {
    for (size_t i = 0; i < groups.size(); ++i) deliveries[i].done = std::move(groups[i].done);
    return deliveries;
  }
  // The later groups were decided on what the earlier ones would have written: decide each anew.
  deliveries.clear();
  for (Queued& queued : groups) WriteAlone(std::move(queued), deliveries);
  return deliveries;
}

void EmbeddedStore::WriteAlone(Queued queued, std::vector<Delivery>& out) {
  CommitBatch batch(disk_, end_, clock_.Wall());
  absl::StatusOr<CommitBatch::Decided> decided = absl::UnknownError("not tried");
  if (failure_.ok()) decided = batch.Add(queued.group);
  const absl::Status status = decided.ok() ? WriteBatch(batch) : decided.status();
  if (decided.ok() && absl::IsResourceExhausted(status)) {
    // Guards that failed did so against what stands, and stay answered.
    decided->changes.reset();
    for (Outcome& outcome : decided->outcomes) {
      if (std::holds_alternative<Committed>(outcome)) outcome = Refused{status};
    }
  } else if (!status.ok()) {
    failure_.Update(status);
    decided = CommitBatch::Decided{AllUnknown(queued.group.size()), std::nullopt};
  }
  out.push_back(
      {std::move(decided->changes), std::move(decided->outcomes), std::move(queued.done)});
}

absl::Status EmbeddedStore::WriteBatch(const CommitBatch& batch) {
  if (batch.batch().empty()) return absl::OkStatus();
  const absl::Status status = disk_.Write(batch.batch());
  if (status.ok()) {
    end_ = batch.end();
  } else if (!absl::IsResourceExhausted(status)) {
    failure_ = status;
  }
  return status;
}

std::vector<Outcome> EmbeddedStore::AllUnknown(size_t count) const {
  return std::vector<Outcome>(
      count, Unknown{absl::UnavailableError(absl::StrCat(
                 disk_.name(), " failed, and the outcome is unknown: ", failure_.message()))});
}

void EmbeddedStore::Deliver(std::vector<Delivery> deliveries) {
  callbacks_.Post(WhileAlive([sink = sink_, deliveries = std::move(deliveries)]() mutable {
    for (Delivery& delivery : deliveries) {
      if (sink != nullptr && delivery.changes) (*sink)(std::move(*delivery.changes));
      std::move(delivery.done)(std::move(delivery.outcomes));
    }
  }));
}

void EmbeddedStore::Watch(Revision after, ChangeSink sink) {
  auto shared = std::make_shared<const ChangeSink>(std::move(sink));
  writer_.Post(WhileAlive([this, after, shared = std::move(shared)]() mutable {
    StartWatch(after, std::move(shared));
  }));
}

void EmbeddedStore::StartWatch(Revision after, SharedSink sink) {
  ROLLCALL_CHECK(sink_ == nullptr, "a store has at most one watch");
  auto missed = std::make_shared<std::vector<ChangeSet>>();
  failure_.Update(ReplayAfter(after, [&](ChangeSet set) { missed->push_back(std::move(set)); }));
  sink_ = std::move(sink);
  callbacks_.Post(WhileAlive([sink = sink_, missed] {
    for (ChangeSet& set : *missed) (*sink)(std::move(set));
  }));
}

absl::Status EmbeddedStore::ReplayAfter(Revision after, const ChangeSink& sink) const {
  ASSIGN_OR_RETURN(const layout::Floor floor, ReadFloor(disk_));
  ROLLCALL_CHECK(after >= floor.at.revision, "a watch begins within the kept history");
  absl::Status status;
  const auto replay = [&](absl::string_view key, absl::string_view bytes) -> absl::Status {
    ASSIGN_OR_RETURN(const Revision revision, layout::DecodeRevisionKey(key));
    ASSIGN_OR_RETURN(layout::RevisionEntry entry, layout::DecodeRevision(bytes));
    ChangeSet set{revision, entry.time, {}};
    for (std::string& changed : entry.keys) {
      ASSIGN_OR_RETURN(Version version, ReadVersion(disk_, changed, revision));
      set.entries.push_back({std::move(changed), std::move(version.value)});
    }
    sink(std::move(set));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(disk_.Scan(Table::kRevisions, layout::RevisionsAfter(after),
                             [&](absl::string_view key, absl::string_view bytes) {
                               status = replay(key, bytes);
                               return status.ok();
                             }));
  return status;
}

void EmbeddedStore::Barrier(BarrierDone done) {
  writer_.Post(WhileAlive([this, done = std::move(done)]() mutable {
    absl::StatusOr<Revision> answer = end_.revision;
    if (!failure_.ok()) {
      answer = absl::UnavailableError(absl::StrCat(disk_.name(), " failed: ", failure_.message()));
    }
    callbacks_.Post(WhileAlive([answer = std::move(answer), done = std::move(done)]() mutable {
      std::move(done)(std::move(answer));
    }));
  }));
}

void EmbeddedStore::Versions(std::string key, Revision after, VersionsDone done) {
  writer_.Post(WhileAlive([this, key = std::move(key), after, done = std::move(done)]() mutable {
    callbacks_.Post(
        WhileAlive([answer = ReadVersions(key, after), done = std::move(done)]() mutable {
          std::move(done)(std::move(answer));
        }));
  }));
}

absl::StatusOr<std::vector<Record>> EmbeddedStore::ReadVersions(const std::string& key,
                                                                Revision after) const {
  std::vector<Record> versions;
  RETURN_IF_ERROR(ScanVersionsOf(disk_, key, [&](Version version) {
    if (version.revision > after && version.value) {
      versions.push_back({key, std::move(*version.value), version.revision});
    }
  }));
  return versions;
}

}  // namespace rollcall::store
