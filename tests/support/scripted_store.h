// ScriptedStore: a Store that does what a test says before it does what it should: holds groups
// back, refuses them, forgets them before or after they were written, and lets changes arrive late.
//
// Fates are taken by groups in the order of the calls; without one a group goes through. Belongs to
// one executor, with the store behind it.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/executor.h"
#include "server/store/store.h"

namespace rollcall::testing {

class ScriptedStore final : public store::Store, private store::Follower {
 public:
  enum class Fate {
    kThrough,
    kHeld,        // until Release()
    kRefused,     // RESOURCE_EXHAUSTED
    kLostBefore,  // unknown; it was not written
    kLostAfter,   // unknown; it was written
  };

  ScriptedStore(store::Store& real, base::Executor& executor) : real_(real), executor_(executor) {}

  void Next(Fate fate, int times = 1) {
    for (int i = 0; i < times; ++i) fates_.push_back(fate);
  }
  void Release() {
    for (Held& held : std::exchange(held_, {})) {
      real_.Commit(std::move(held.group), std::move(held.done));
    }
  }
  void HoldChanges() { changes_held_ = true; }
  void ReleaseChanges() {
    changes_held_ = false;
    for (store::ChangeSet& change : std::exchange(late_, {})) {
      follower_->OnChange(std::move(change));
    }
  }
  // The next that many calls of Versions fail.
  void FailVersions(int times) { versions_fail_ = times; }
  // From now on older versions are no longer kept.
  void ForgetVersions() { versions_forgotten_ = true; }

  // Every group that was submitted, as it was.
  const std::vector<std::vector<store::Transaction>>& groups() const { return groups_; }
  std::vector<size_t> GroupSizes() const {
    std::vector<size_t> sizes;
    for (const auto& group : groups_) sizes.push_back(group.size());
    return sizes;
  }

  const StoreId& id() const override { return real_.id(); }
  size_t max_group() const override { return real_.max_group(); }
  absl::Duration age() const override { return real_.age(); }
  absl::Status Follow(Revision after, store::Follower& follower) override {
    follower_ = &follower;
    return real_.Follow(after, *this);
  }
  void Reload() override { real_.Reload(); }
  void OnSnapshotBegins() override { follower_->OnSnapshotBegins(); }
  void OnSnapshotPart(std::vector<store::Record> records) override {
    follower_->OnSnapshotPart(std::move(records));
  }
  void OnSnapshot(Revision revision) override { follower_->OnSnapshot(revision); }
  void OnLeased(std::vector<store::Record> leased) override {
    follower_->OnLeased(std::move(leased));
  }
  void OnChange(store::ChangeSet change) override {
    if (changes_held_) {
      late_.push_back(std::move(change));
    } else {
      follower_->OnChange(std::move(change));
    }
  }
  void OnCaughtUp() override { follower_->OnCaughtUp(); }
  void OnInterrupted(absl::Status why) override { follower_->OnInterrupted(std::move(why)); }
  void Barrier(BarrierDone done) override { real_.Barrier(std::move(done)); }
  void Versions(std::string key, Revision after, VersionsDone done) override {
    if (versions_fail_ > 0) {
      --versions_fail_;
      executor_.Post([done = std::move(done)]() mutable {
        done(absl::UnavailableError("the store cannot be reached"));
      });
    } else if (versions_forgotten_) {
      executor_.Post([done = std::move(done)]() mutable {
        done(absl::OutOfRangeError("revision 1 has been compacted"));
      });
    } else {
      real_.Versions(std::move(key), after, std::move(done));
    }
  }
  void Commit(std::vector<store::Transaction> group, CommitDone done) override {
    groups_.push_back(group);
    Fate fate = Fate::kThrough;
    if (!fates_.empty()) {
      fate = fates_.front();
      fates_.pop_front();
    }
    const size_t count = group.size();
    switch (fate) {
      case Fate::kThrough:
        return real_.Commit(std::move(group), std::move(done));
      case Fate::kHeld:
        held_.push_back({std::move(group), std::move(done)});
        return;
      case Fate::kRefused:
        return Answer(std::move(done), count,
                      store::Refused{absl::ResourceExhaustedError("the disk is full")});
      case Fate::kLostBefore:
        return Answer(std::move(done), count, Lost());
      case Fate::kLostAfter:
        return real_.Commit(std::move(group),
                            [done = std::move(done)](std::vector<store::Outcome> outcomes) mutable {
                              done(std::vector<store::Outcome>(outcomes.size(), Lost()));
                            });
    }
  }

 private:
  struct Held {
    std::vector<store::Transaction> group;
    CommitDone done;
  };
  static store::Outcome Lost() {
    return store::Unknown{absl::UnavailableError("the connection was cut")};
  }
  void Answer(CommitDone done, size_t count, store::Outcome outcome) {
    executor_.Post([done = std::move(done), count, outcome]() mutable {
      done(std::vector<store::Outcome>(count, outcome));
    });
  }

  store::Store& real_;
  base::Executor& executor_;
  std::deque<Fate> fates_;
  std::vector<Held> held_;
  std::vector<std::vector<store::Transaction>> groups_;
  store::Follower* follower_ = nullptr;
  bool changes_held_ = false;
  std::vector<store::ChangeSet> late_;
  int versions_fail_ = 0;
  bool versions_forgotten_ = false;
};

}  // namespace rollcall::testing
