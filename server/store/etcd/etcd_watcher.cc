#include "server/store/etcd/etcd_watcher.h"

#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/model/keys.h"

namespace rollcall::etcd {
namespace {

// etcd has not come so far yet, that is: it has been further than it is.
bool IsFuture(const absl::Status& status) {
  return absl::StrContains(status.message(), "future revision");
}

}  // namespace

EtcdWatcher::EtcdWatcher(EtcdApi& api, Calls& calls, const KeyPrefix& prefix, StoreFence& fence,
                         Barrier& barrier, base::Executor& executor, const base::Clock& clock,
                         base::Random& random, Pager::Options paging)
    : api_(api),
      calls_(calls),
      prefix_(prefix),
      fence_(fence),
      barrier_(barrier),
      executor_(executor),
      clock_(clock),
      random_(random),
      paging_(paging),
      continuity_(executor, clock),
      catch_up_(calls, prefix, barrier, executor, clock, random,
                {[this](const absl::Status& status) { OnCatchUp(status); },
                 [this](const absl::Status& why) { continuity_.Trouble(why); }}) {}

void EtcdWatcher::Follow(Revision after, store::Follower& follower) {
  follower_ = &follower;
  continuity_.Begin(follower);
  if (after == Revision(0)) return Begin(Step::kLoad);
  Told(after);
  Begin(Step::kLeased);
}

void EtcdWatcher::Reload() {
  executor_.Post(lifeline_.Guard([this] {
    if (fence_.broken()) return;
    continuity_.Interrupt(absl::UnavailableError("everything is loaded anew, as was asked for"));
    if (step_ != Step::kLoad) Begin(Step::kLoad);
  }));
}

// Steps.

void EtcdWatcher::Begin(Step step) {
  step_life_.Cut();
  CloseWatch();
  pager_.reset();
  step_ = step;
  Run();
}

void EtcdWatcher::Run() {
  if (fence_.broken()) return Stop();
  switch (step_) {
    case Step::kLoad:
      return RunPager(Everything(), Revision(0));
    case Step::kLeased:
      return RunPager({prefix_.Under(kOfficePrefix), prefix_.Under(kNodePrefix)}, told_);
    case Step::kWatch:
      return OpenWatch();
  }
}

std::vector<KeyPrefix::Span> EtcdWatcher::Everything() const {
  const KeyPrefix::Span all = prefix_.Under("");
  const KeyPrefix::Span instances = prefix_.Under(kInstancePrefix);
  return {{all.begin, instances.begin}, {instances.end, all.end}, instances};
}

void EtcdWatcher::RunPager(std::vector<KeyPrefix::Span> spans, Revision revision) {
  if (pager_ == nullptr) {
    store_.reset();
    leased_.clear();
    if (step_ == Step::kLoad) follower_->OnSnapshotBegins();
    pager_ = std::make_unique<Pager>(
        calls_, executor_, prefix_, std::move(spans), revision, paging_,
        [this](std::vector<store::Record> records) { OnPage(std::move(records)); });
  }
  pager_->Run([this](const absl::Status& status) { OnPaged(status); });
}

void EtcdWatcher::OnPage(std::vector<store::Record> records) {
  if (step_ == Step::kLeased) {
    leased_.insert(leased_.end(), std::make_move_iterator(records.begin()),
                   std::make_move_iterator(records.end()));
    return;
  }
  for (const store::Record& record : records) {
    if (record.key == kStoreKey) store_ = record.value;
  }
  follower_->OnSnapshotPart(std::move(records));
}

void EtcdWatcher::OnPaged(const absl::Status& status) {
  if (status.ok()) return step_ == Step::kLoad ? TellSnapshot() : TellLeased();
  if (!absl::IsOutOfRange(status)) return Retry(status);
  if (IsFuture(status)) {
    fence_.Break(absl::FailedPreconditionError(
        absl::StrCat("the store was replaced: etcd has not reached revision ", told_.value())));
    return Stop();
  }
  if (step_ == Step::kLeased) return LoadAnew(status);
  pager_.reset();  // It took so long that what it read is not kept any more.
  Retry(status);
}

void EtcdWatcher::TellSnapshot() {
  const std::unique_ptr<Pager> pager = std::move(pager_);
  fence_.Saw(store_);
  fence_.SawRevision(told_, pager->revision());
  if (fence_.broken()) return Stop();
  follower_->OnSnapshot(pager->revision());
  Told(pager->revision());
  Begin(Step::kWatch);
}

void EtcdWatcher::TellLeased() {
  follower_->OnLeased(std::move(leased_));
  Begin(Step::kWatch);
}

void EtcdWatcher::OpenWatch() {
  start_ = told_;
  stream_ = std::make_unique<WatchStream>(api_, prefix_, clock_, told_, told_at_, *this);
  ArmPatience();
}

void EtcdWatcher::LoadAnew(const absl::Status& why) {
  if (continuity_.caught_up()) continuity_.Interrupt(why);
  Begin(Step::kLoad);
}

void EtcdWatcher::Retry(const absl::Status& why) {
  continuity_.Trouble(why);
  executor_.PostAt(clock_.Steady() + backoff_.Next(random_), step_life_.Guard([this] { Run(); }));
}

void EtcdWatcher::CloseWatch() {
  catch_up_.Stop();
  if (stream_ != nullptr) WatchStream::Retire(std::move(stream_), executor_);
}

void EtcdWatcher::Stop() {
  step_life_.Cut();
  CloseWatch();
  pager_.reset();
  continuity_.Interrupt(fence_.state());
}

// The watch.

void EtcdWatcher::OnWatchCreated() { catch_up_.Begin(start_); }

void EtcdWatcher::OnWatchChange(store::ChangeSet change) {
  for (const store::ChangeSet::Entry& entry : change.entries) {
    if (entry.key == kStoreKey) fence_.Saw(entry.value);
  }
  if (fence_.broken()) return Stop();
  const Revision revision = change.revision;
  told_at_ = change.time;
  follower_->OnChange(std::move(change));
  Told(revision);
}

void EtcdWatcher::OnWatchEnd(absl::Status why) {
  step_life_.Cut();
  CloseWatch();
  if (absl::IsOutOfRange(why)) return LoadAnew(why);
  Retry(why);
}

void EtcdWatcher::Told(Revision revision) {
  told_ = revision;
  health_.Told(revision);
  barrier_.Told(revision);
  catch_up_.Told(revision);
}

void EtcdWatcher::OnCatchUp(const absl::Status& status) {
  if (!status.ok()) return LoadAnew(status);
  backoff_.Reset();
  continuity_.CaughtUp();
}

// Watches that say nothing.

void EtcdWatcher::Expect(Revision revision) {
  health_.Expect(revision, clock_.Steady());
  ArmPatience();
}

void EtcdWatcher::Seen(Revision revision) {
  if (stream_ == nullptr || !health_.Suspects(revision, clock_.Steady())) return;
  barrier_.Ask([](const absl::StatusOr<Revision>&) {});
}

void EtcdWatcher::ArmPatience() {
  if (patience_armed_ || stream_ == nullptr) return;
  const auto at = health_.GiveUpAt(stream_->created(), stream_->heard());
  if (!at) return;
  patience_armed_ = true;
  executor_.PostAt(*at, lifeline_.Guard([this] { OnPatienceOver(); }));
}

void EtcdWatcher::OnPatienceOver() {
  patience_armed_ = false;
  if (stream_ == nullptr) return;
  const auto at = health_.GiveUpAt(stream_->created(), stream_->heard());
  if (!at) return;
  if (clock_.Steady() < *at) return ArmPatience();
  step_life_.Cut();
  CloseWatch();
  Retry(absl::UnavailableError("the watch is stuck: it does not tell what was written"));
}

}  // namespace rollcall::etcd
