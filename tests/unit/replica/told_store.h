// ToldStore: a Store that stands elsewhere, whose following the test speaks for.
//
// Keeps the records as the real one would, so that a snapshot can be told at any time.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/check.h"
#include "server/store/store.h"

namespace rollcall::replica {

class ToldStore final : public store::Store {
 public:
  using Entries = std::vector<store::ChangeSet::Entry>;

  const StoreId& id() const override { return id_; }
  size_t max_group() const override { return 1; }
  absl::Duration age() const override { return absl::ZeroDuration(); }
  absl::Status Follow(Revision after, store::Follower& follower) override {
    followed_after = after;
    follower_ = &follower;
    return absl::OkStatus();
  }
  void Reload() override {
    ++reloads;
    follower_->OnInterrupted(absl::UnavailableError("asked to reload"));
  }
  // Taken, and not decided.
  void Commit(std::vector<store::Transaction> group, CommitDone) override {
    groups.push_back(std::move(group));
  }
  void Barrier(BarrierDone) override { ROLLCALL_CHECK(false, "nobody asks here"); }
  void Versions(std::string, Revision, VersionsDone) override {
    ROLLCALL_CHECK(false, "nobody asks here");
  }

  // Commits at the next revision; unseen, unless Tell.
  store::ChangeSet Commit(Entries entries) {
    ++revision_;
    for (const auto& [key, value] : entries) {
      if (value) {
        records_[key] = {key, *value, Revision(revision_)};
      } else {
        records_.erase(key);
      }
    }
    return {Revision(revision_), absl::UnixEpoch(), std::move(entries)};
  }
  void Tell(Entries entries) { follower_->OnChange(Commit(std::move(entries))); }
  void TellSnapshot() { TellSnapshotAt(revision_); }
  void TellSnapshotAt(uint64_t revision) {
    follower_->OnSnapshotBegins();
    for (const auto& [key, record] : records_) follower_->OnSnapshotPart({record});
    follower_->OnSnapshot(Revision(revision));
  }
  void TellLeased() {
    std::vector<store::Record> leased;
    for (const auto& [key, record] : records_) {
      if (key[0] == 'n' || key[0] == 'e') leased.push_back(record);
    }
    follower_->OnLeased(std::move(leased));
  }
  store::Follower& follower() { return *follower_; }
  uint64_t revision() const { return revision_; }
  void SkipTo(uint64_t revision) { revision_ = revision; }
  // Without a revision: damage that no store of ours would do.
  std::map<std::string, store::Record>& records() { return records_; }

  Revision followed_after{99999};
  int reloads = 0;
  std::vector<std::vector<store::Transaction>> groups;

 private:
  const StoreId id_{"store"};
  store::Follower* follower_ = nullptr;
  uint64_t revision_ = 0;
  std::map<std::string, store::Record> records_;
};

}  // namespace rollcall::replica
