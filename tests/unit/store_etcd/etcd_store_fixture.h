// EtcdStoreFixture: an EtcdStore at a FakeEtcd, and a follower that keeps what it is told and
// checks that it may be told so.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::etcd {

inline constexpr char kPrefix[] = "/rollcall/";

inline store::Transaction PutAt(std::string key, std::string value, int64_t guard) {
  return {{{key, Revision(static_cast<uint64_t>(guard))}}, {{key, std::move(value)}}, {}};
}
inline store::Transaction DeleteAt(std::string key, int64_t guard) {
  return {{{key, Revision(static_cast<uint64_t>(guard))}}, {}, {key}};
}

// "3" for committed at revision 3, "failed k@2=v" for a guard with what stands there, else a code.
inline std::string Word(const store::Outcome& outcome) {
  if (const auto* committed = std::get_if<store::Committed>(&outcome)) {
    return absl::StrCat(committed->revision.value());
  }
  if (const auto* failed = std::get_if<store::GuardFailed>(&outcome)) {
    if (!failed->current) return absl::StrCat("failed ", failed->guard.key, " absent");
    return absl::StrCat("failed ", failed->guard.key, "@", failed->current->revision.value(), "=",
                        failed->current->value);
  }
  if (const auto* refused = std::get_if<store::Refused>(&outcome)) {
    return absl::StrCat("refused ", absl::StatusCodeToString(refused->why.code()));
  }
  return "unknown";
}

inline std::string Word(const store::ChangeSet& set) {
  std::string word = absl::StrCat(set.revision.value(), ":");
  for (const auto& entry : set.entries) {
    absl::StrAppend(&word, " ", entry.key, "=", entry.value.value_or("<gone>"));
  }
  return word;
}

// Holds what stands as far as it was told, without control keys.
class RecordingFollower final : public store::Follower {
 public:
  void OnSnapshotBegins() override { parts.clear(); }
  void OnSnapshotPart(std::vector<store::Record> records) override {
    largest_part = std::max(largest_part, records.size());
    parts.insert(parts.end(), records.begin(), records.end());
  }
  void OnSnapshot(Revision revision) override {
    EXPECT_GE(revision, told);
    told = revision;
    state.clear();
    for (const store::Record& record : parts) {
      EXPECT_LE(record.revision, revision);
      if (record.key[0] != 'c') state[record.key] = record.value;
    }
    log.push_back(absl::StrCat("snapshot ", revision.value()));
  }
  void OnLeased(std::vector<store::Record> leased) override {
    std::string word = "leased";
    for (const store::Record& record : leased) {
      state[record.key] = record.value;
      absl::StrAppend(&word, " ", record.key, "=", record.value);
    }
    log.push_back(word);
  }
  void OnChange(store::ChangeSet change) override {
    EXPECT_GT(change.revision, told) << "told again, or too late";
    EXPECT_GE(change.time, time);
    told = change.revision;
    time = change.time;
    for (const auto& entry : change.entries) {
      if (entry.key[0] == 'c') continue;
      if (entry.value) {
        state[entry.key] = *entry.value;
      } else {
        state.erase(entry.key);
      }
    }
    log.push_back(Word(change));
    // As a test may want to see it from within.
    if (on_change) on_change();
  }
  void OnCaughtUp() override {
    EXPECT_FALSE(caught_up);
    caught_up = true;
    log.push_back("caught up");
  }
  void OnInterrupted(absl::Status why) override {
    EXPECT_FALSE(why.ok());
    caught_up = false;
    log.push_back("interrupted");
  }

  std::vector<std::string> TakeLog() { return std::exchange(log, {}); }

  Revision told;
  absl::Time time = absl::InfinitePast();
  std::vector<store::Record> parts;
  size_t largest_part = 0;
  std::map<std::string, std::string> state;
  bool caught_up = false;
  std::vector<std::string> log;
  std::function<void()> on_change;
};

class EtcdStoreFixture : public ::testing::Test {
 protected:
  explicit EtcdStoreFixture(FakeEtcdOptions etcd = {}) : etcd_(executor_, clock_, random_, etcd) {
    options_.prefix = kPrefix;
    options_.on_replaced = [this](const absl::Status& why) { replaced_.push_back(why); };
  }

  void StartOpening() {
    opening_ = EtcdStore::Open(*client_, executor_, clock_, random_, options_,
                               [this](absl::StatusOr<std::unique_ptr<EtcdStore>> opened) {
                                 opened_ = opened.status();
                                 if (opened.ok()) store_ = *std::move(opened);
                                 opening_.reset();
                               });
  }
  void Open() {
    StartOpening();
    executor_.RunReady();
    ASSERT_NE(store_, nullptr);
  }
  void Follow(int64_t after = 0) {
    ASSERT_TRUE(store_->Follow(Revision(static_cast<uint64_t>(after)), follower_).ok());
    executor_.RunReady();
  }
  // As a process that ends and starts: what it holds is what its replica held.
  void Restart() {
    store_.reset();
    Open();
    follower_.caught_up = false;
  }

  void Submit(std::vector<store::Transaction> group) {
    store_->Commit(std::move(group), [this](std::vector<store::Outcome> outcomes) {
      for (const store::Outcome& outcome : outcomes) outcomes_.push_back(Word(outcome));
    });
  }
  std::vector<std::string> TakeOutcomes() { return std::exchange(outcomes_, {}); }
  std::vector<std::string> Commit(std::vector<store::Transaction> group) {
    TakeOutcomes();
    Submit(std::move(group));
    executor_.RunReady();
    return TakeOutcomes();
  }
  // "6", or the code of the error.
  void AskBarrier() {
    store_->Barrier([this](const absl::StatusOr<Revision>& revision) {
      barriers_.push_back(revision.ok() ? absl::StrCat(revision->value())
                                        : absl::StatusCodeToString(revision.status().code()));
    });
  }
  std::vector<std::string> TakeBarriers() { return std::exchange(barriers_, {}); }
  std::vector<std::string> VersionsOf(const std::string& key, int64_t after = 0) {
    std::vector<std::string> versions = {"no answer"};
    store_->Versions(
        key, Revision(static_cast<uint64_t>(after)),
        [&](absl::StatusOr<std::vector<store::Record>> records) {
          versions.clear();
          if (!records.ok()) {
            versions = {absl::StatusCodeToString(records.status().code())};
            return;
          }
          for (const store::Record& record : *records) {
            versions.push_back(absl::StrCat(record.revision.value(), "=", record.value));
          }
        });
    executor_.RunReady();
    return versions;
  }
  void AdvanceBy(absl::Duration d) { executor_.AdvanceBy(d); }

  // Behind the store's back, as another node does.
  int64_t OtherPuts(const std::string& key, const std::string& value) {
    const int64_t revision = etcd_.Put(kPrefix + key, value);
    executor_.RunReady();
    return revision;
  }
  int64_t OtherDeletes(const std::string& key) {
    const int64_t revision = etcd_.Delete(kPrefix + key);
    executor_.RunReady();
    return revision;
  }
  // What stands in etcd, without control keys, in the follower's words.
  std::map<std::string, std::string> Truth() const {
    std::map<std::string, std::string> truth;
    pb::RangeRequest all;
    all.set_key(kPrefix);
    all.set_range_end("/rollcall0");
    const auto answer = etcd_.keys().Range(all);
    for (const pb::KeyValue& kv : answer->kvs()) {
      const std::string key = kv.key().substr(sizeof(kPrefix) - 1);
      if (key[0] != 'c') truth[key] = kv.value();
    }
    return truth;
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  FakeEtcd etcd_;
  std::unique_ptr<FakeEtcdClient> client_ =
      std::make_unique<FakeEtcdClient>(etcd_, executor_, clock_);
  EtcdStore::Options options_;
  std::vector<absl::Status> replaced_;
  std::unique_ptr<EtcdStore::Opening> opening_;
  absl::Status opened_;
  RecordingFollower follower_;
  std::unique_ptr<EtcdStore> store_;
  std::vector<std::string> outcomes_;
  std::vector<std::string> barriers_;
};

}  // namespace rollcall::etcd
