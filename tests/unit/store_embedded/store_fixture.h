// StoreFixture: an EmbeddedStore on a disk in memory, under a clock that the test moves.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::store {

inline Transaction PutAt(std::string key, std::string value, uint64_t guard) {
  return {{{key, Revision(guard)}}, {{key, std::move(value)}}, {}};
}
inline Transaction DeleteAt(std::string key, uint64_t guard) {
  return {{{key, Revision(guard)}}, {}, {key}};
}

// "3" for committed at revision 3, "failed k@2=v" for a guard with what stands there, else a code.
inline std::string Word(const Outcome& outcome) {
  if (const auto* committed = std::get_if<Committed>(&outcome)) {
    return absl::StrCat(committed->revision.value());
  }
  if (const auto* failed = std::get_if<GuardFailed>(&outcome)) {
    if (!failed->current) return absl::StrCat("failed ", failed->guard.key, " absent");
    return absl::StrCat("failed ", failed->guard.key, "@", failed->current->revision.value(), "=",
                        failed->current->value);
  }
  if (const auto* refused = std::get_if<Refused>(&outcome)) {
    return absl::StrCat("refused ", absl::StatusCodeToString(refused->why.code()));
  }
  return "unknown";
}

inline std::string Word(const ChangeSet& set) {
  std::string word = absl::StrCat(set.revision.value(), ":");
  for (const auto& entry : set.entries) {
    absl::StrAppend(&word, " ", entry.key, "=", entry.value.value_or("<purged>"));
  }
  return word;
}

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() { Reopen(); }

  void Reopen() {
    store_.reset();
    disk_.Reopen();
    auto store = EmbeddedStore::Open(disk_, executor_, executor_, clock_, random_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Puts a group into the queue; its outcomes and the changes seen go to `log_`.
  void Submit(std::vector<Transaction> group) {
    store_->Commit(std::move(group), [this](std::vector<Outcome> outcomes) {
      for (const Outcome& outcome : outcomes) log_.push_back(Word(outcome));
    });
  }
  std::vector<std::string> Commit(std::vector<Transaction> group) {
    log_.clear();
    Submit(std::move(group));
    executor_.RunReady();
    return TakeLog();
  }
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }
  void WatchFrom(uint64_t after) {
    store_->Watch(Revision(after), [this](ChangeSet set) { log_.push_back(Word(set)); });
  }

  // "key@revision=value" of every record, and the revision of it all.
  std::vector<std::string> Load() {
    std::vector<std::string> records;
    const auto revision = store_->Load([&](Record record) {
      records.push_back(absl::StrCat(record.key, "@", record.revision.value(), "=", record.value));
    });
    EXPECT_TRUE(revision.ok()) << revision.status();
    if (revision.ok()) records.push_back(absl::StrCat(revision->value()));
    return records;
  }
  std::vector<std::string> VersionsOf(const std::string& key, uint64_t after = 0) {
    std::vector<std::string> versions;
    store_->Versions(key, Revision(after), [&](absl::StatusOr<std::vector<Record>> records) {
      ASSERT_TRUE(records.ok()) << records.status();
      for (const Record& record : *records) {
        versions.push_back(absl::StrCat(record.revision.value(), "=", record.value));
      }
    });
    executor_.RunReady();
    return versions;
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  MemoryRecordStore disk_;
  std::unique_ptr<EmbeddedStore> store_;
  std::vector<std::string> log_;
};

}  // namespace rollcall::store
