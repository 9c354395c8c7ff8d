// DiskReplicaTest: a DiskReplica on a disk that forgets what the test says, under virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "server/store/embedded/disk_replica.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/store_embedded/replayed_disk.h"

namespace rollcall::store {

inline const StoreId kStore("cluster-1");

// "key@revision=value" of every record, after "store@revision"; "empty" if nothing is held.
inline std::vector<std::string> Held(const ReplicaLog& log) {
  const auto position = log.position();
  EXPECT_TRUE(position.ok()) << position.status();
  if (!*position) return {"empty"};
  std::vector<std::string> held = {
      absl::StrCat((*position)->store.value(), "@", (*position)->revision.value())};
  EXPECT_TRUE(log.Load([&](Record record) {
                   held.push_back(
                       absl::StrCat(record.key, "@", record.revision.value(), "=", record.value));
                 })
                  .ok());
  return held;
}

class DiskReplicaTest : public ::testing::Test {
 protected:
  DiskReplicaTest() { Open(); }

  void Open() {
    replica_.reset();
    auto opened = DiskReplica::Open(disk_, executor_, executor_, clock_, options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    replica_ = *std::move(opened);
    replica_->OnChanged([this] { ++changes_; });
  }
  void LosePower(size_t kept) {
    replica_.reset();
    executor_.RunReady();
    disk_.LosePower(kept);
    Open();
  }
  void Append(uint64_t revision, std::vector<ChangeSet::Entry> entries) {
    replica_->Append({Revision(revision), clock_.Wall(), std::move(entries)});
  }
  void Restart(uint64_t revision, std::vector<Record> records, const StoreId& store = kStore) {
    replica_->Restart(store, Revision(revision), clock_.Wall(), std::move(records));
  }
  static Record At(uint64_t revision, const std::string& key, const std::string& value) {
    return {key, value, Revision(revision)};
  }
  void Settle() { executor_.RunReady(); }
  // "key@revision=value", or "key@revision purged", of every kept version.
  std::vector<std::string> Versions() {
    const auto view = replica_->version_log().Read();
    if (!view.ok()) return {std::string(view.status().message())};
    std::vector<std::string> versions;
    EXPECT_TRUE((*view)
                    ->ScanPrefix("",
                                 [&](Version version) {
                                   versions.push_back(absl::StrCat(version.key, "@",
                                                                   version.revision.value(),
                                                                   version.value ? "=" : " purged",
                                                                   version.value.value_or("")));
                                 })
                    .ok());
    return versions;
  }
  HistoryFloor Floor() { return (*replica_->version_log().Read())->floor(); }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  ReplayedDisk disk_;
  DiskReplica::Options options_;
  std::unique_ptr<DiskReplica> replica_;
  int changes_ = 0;
};

}  // namespace rollcall::store
