#include "server/replica/replica.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::replica {

Replica::Replica(store::Store& store, catalog::Catalog& catalog, base::Executor& core,
                 const base::Clock& clock, OnDamage on_damage)
    : store_(store),
      catalog_(catalog),
      core_(core),
      clock_(clock),
      on_damage_(std::move(on_damage)) {}

absl::Status Replica::Start() { return store_.Follow(Revision(0), *this); }

void Replica::OnSnapshot(Revision revision, Records records) {
  records([this](store::Record record) {
    ApplyOne(record.key, record.revision, std::move(record.value));
  });
  catalog_.Publish(revision);
}

void Replica::OnLeased(std::vector<store::Record>) {}
void Replica::OnInterrupted(absl::Status) {}

void Replica::ApplyOne(const std::string& key, Revision revision,
                       const std::optional<std::string>& value) {
  const absl::Status status = catalog_.Apply(key, revision, value);
  if (!status.ok()) on_damage_(key, status);
}

void Replica::OnChange(store::ChangeSet change) {
  if (change.revision <= catalog_.applied()) return;
  for (const store::ChangeSet::Entry& entry : change.entries) {
    ApplyOne(entry.key, change.revision, entry.value);
  }
  const catalog::Happened happened = catalog_.Publish(change.revision);
  for (const Listener& listener : listeners_) listener(happened);
  WakeWaiters();
}

void Replica::WhenApplied(Revision revision, base::Instant deadline, Done done) {
  if (revision <= applied()) {
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
  while (!waiters_.empty() && waiters_.begin()->first.first <= applied()) {
    auto node = waiters_.extract(waiters_.begin());
    core_.Cancel(node.mapped().timer);
    node.mapped().done(absl::OkStatus());
  }
}

}  // namespace rollcall::replica
