#include "server/replica/replica.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/keys.h"

namespace rollcall::replica {
namespace {

constexpr char kLogName[] = "replica log";
constexpr char kStoreName[] = "store";

}  // namespace

Replica::Replica(store::Store& store, catalog::Catalog& catalog, base::Executor& core,
                 const base::Clock& clock, OnDamage on_damage, Options options)
    : store_(store),
      catalog_(catalog),
      core_(core),
      clock_(clock),
      on_damage_(std::move(on_damage)),
      options_(options),
      control_(catalog) {}

absl::Status Replica::Start() {
  Revision after;
  if (options_.log != nullptr) {
    options_.log->OnChanged([this] { OnLogChanged(); });
    after = LoadLog();
  }
  return store_.Follow(after, *this);
}

Revision Replica::LoadLog() {
  const absl::StatusOr<Revision> loaded = ReadLog();
  if (!loaded.ok()) on_damage_(kLogName, loaded.status());
  if (!loaded.ok() || *loaded == Revision(0)) return Revision(0);
  Publish(*loaded);
  return *loaded;
}

absl::StatusOr<Revision> Replica::ReadLog() {
  ASSIGN_OR_RETURN(const std::optional<store::ReplicaLog::Position> position,
                   options_.log->position());
  if (!position || position->store != store_.id()) return Revision(0);
  RETURN_IF_ERROR(options_.log->Load([this](store::Record record) {
    ApplyOne(record.key, record.revision, std::move(record.value));
  }));
  return position->revision;
}

void Replica::ApplyOne(const std::string& key, Revision revision,
                       std::optional<absl::string_view> value) {
  if (options_.hashes) {
    if (value) {
      hashes_.Put(key, revision, *value);
    } else {
      hashes_.Erase(key);
    }
  }
  touched_ = true;
  const absl::Status status = value && !loaded_ ? catalog_.Load(key, revision, *value)
                                                : catalog_.Apply(key, revision, value);
  if (!status.ok()) on_damage_(key, status);
}

void Replica::OnSnapshotBegins() {
  snapshot_ = Snapshot();
  snapshot_.compare = touched_;
}

void Replica::OnSnapshotPart(std::vector<store::Record> records) {
  if (phase_ == Phase::kWentBack) return;
  for (store::Record& record : records) {
    if (KindOf(record.key) != KeyKind::kRecord) {
      snapshot_.control.push_back(std::move(record));
      continue;
    }
    if (snapshot_.compare) snapshot_.told.insert(absl::HashOf(record.key));
    const bool news = !snapshot_.compare || IsNews(record);
    if (!loaded_ && news) ApplyOne(record.key, record.revision, record.value);
    if (loaded_ && news) snapshot_.news.push_back(snapshot_.records.size());
    if (loaded_ || options_.log != nullptr) snapshot_.records.push_back(std::move(record));
  }
}

void Replica::OnSnapshot(Revision revision) {
  if (phase_ == Phase::kWentBack) return;
  if (revision < applied()) {
    // Revisions were handed out that this store will give to other changes.
    on_damage_(kStoreName,
               absl::DataLossError(absl::StrCat(
                   "it stands at revision ", revision.value(), ", below ", applied().value(),
                   " that it had reached before: it was put back to an older state; "
                   "restore it by `rollcall restore`, which makes a new store of it")));
    snapshot_ = Snapshot();
    return SetPhase(Phase::kWentBack);
  }
  ApplySnapshot();
  Snapshot snapshot = std::exchange(snapshot_, {});
  control_.NoteAll(revision, std::move(snapshot.control), false);
  reloading_ = false;
  Publish(revision);
  if (options_.log != nullptr) {
    options_.log->Restart(store_.id(), revision, clock_.Wall(), std::move(snapshot.records));
  }
}

bool Replica::IsNews(const store::Record& record) const {
  if (catalog_.RevisionOf(record.key) != record.revision) return true;
  return options_.hashes && !hashes_.Holds(record.key, record.revision, record.value);
}

void Replica::ApplySnapshot() {
  const Revision before = applied();
  // A change at or below what was applied: it was missed.
  bool wrong = false;
  for (const size_t at : snapshot_.news) {
    const store::Record& record = snapshot_.records[at];
    wrong = wrong || record.revision <= before;
    ApplyOne(record.key, record.revision, record.value);
  }
  if (!snapshot_.compare) return;
  std::vector<std::pair<std::string, Revision>> gone;
  catalog_.ForEachKey([&](std::string key, Revision at) {
    if (!snapshot_.told.contains(absl::HashOf(key))) gone.emplace_back(std::move(key), at);
  });
  std::sort(gone.begin(), gone.end());
  for (const auto& [key, at] : gone) ApplyOne(key, at, std::nullopt);
  // What went since `before` did so below a purge horizon above it, which makes watchers that stand
  // there start afresh by itself. Else something was here that should not have been.
  const auto horizon = catalog_.Horizon();
  const bool purged = horizon.exists() && Revision(horizon->revision()) > before;
  if (wrong || (!gone.empty() && !purged)) catalog_.DistrustViews();
}

void Replica::OnLeased(std::vector<store::Record> leased) {
  control_.NoteAll(applied(), std::move(leased), true);
  control_.TellCatalog();
  control_.TellListeners();
}

void Replica::OnChange(store::ChangeSet change) {
  if (change.revision <= applied() || phase_ == Phase::kWentBack) return;
  std::vector<store::ChangeSet::Entry> records;
  for (store::ChangeSet::Entry& entry : change.entries) {
    if (KindOf(entry.key) != KeyKind::kRecord) {
      control_.Note(std::move(entry.key), change.revision, std::move(entry.value));
      continue;
    }
    ApplyOne(entry.key, change.revision, entry.value);
    records.push_back(std::move(entry));
  }
  Publish(change.revision);
  if (options_.log != nullptr) {
    options_.log->Append({change.revision, change.time, std::move(records)});
  }
}

void Replica::Publish(Revision revision) {
  const bool loaded = std::exchange(loaded_, true);
  const catalog::Happened happened =
      loaded ? catalog_.Publish(revision) : catalog_.PublishLoaded(revision);
  control_.TellCatalog();
  for (const Listener& listener : listeners_) listener(happened);
  control_.TellListeners();
  WakeWaiters();
}

void Replica::Reload(std::function<void()> done) {
  if (done) on_reloaded_.push_back(std::move(done));
  if (std::exchange(reloading_, true)) return;
  store_.Reload();
}

void Replica::OnCaughtUp() {
  SetPhase(Phase::kCaughtUp);
  if (reloading_) return;
  for (const auto& done : std::exchange(on_reloaded_, {})) done();
}

void Replica::OnLogChanged() {
  UpdateReady();
  if (options_.log->needs_restart()) Reload();
}

void Replica::SetPhase(Phase phase) {
  if (phase_ == Phase::kWentBack) return;
  phase_ = phase;
  UpdateReady();
}

void Replica::UpdateReady() {
  const bool ready =
      phase_ == Phase::kCaughtUp && (options_.log == nullptr || options_.log->health().ok());
  if (std::exchange(ready_, ready) == ready) return;
  for (const auto& listener : on_ready_) listener(ready);
}

void Replica::WhenApplied(Revision revision, base::Instant deadline, Done done) {
  if (revision <= applied() && sound()) {
    done(absl::OkStatus());
    return;
  }
  const std::pair<Revision, uint64_t> key(revision, next_waiter_++);
  const auto timer = core_.PostAt(deadline, [this, key] {
    const auto at = waiters_.find(key);
    if (at == waiters_.end()) return;
    Done late = std::move(at->second.done);
    waiters_.erase(at);
    late(
        absl::UnavailableError(absl::StrCat("revision ", key.first.value(), " is not here yet (at ",
                                            applied().value(), "); try again")));
  });
  waiters_.emplace(key, Waiter{std::move(done), timer});
}

void Replica::WakeWaiters() {
  while (sound() && !waiters_.empty() && waiters_.begin()->first.first <= applied()) {
    auto node = waiters_.extract(waiters_.begin());
    core_.Cancel(node.mapped().timer);
    node.mapped().done(absl::OkStatus());
  }
}

}  // namespace rollcall::replica
