// The commands on real disks; etcd itself is tests/unit/backup_etcd's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "client-sdk/base/random.h"
#include "server/app/config/options.h"
#include "server/app/data_folder.h"
#include "server/app/offline/offline.h"
#include "server/backup/disk/disk_source.h"
#include "server/backup/file_writer.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"

namespace rollcall::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OfflineTest : public ::testing::Test {
 protected:
  OfflineTest() {
    file_ = directory_ / "b.rcb";
    data_ = directory_ / "data";
  }

  void WriteBackup(const std::vector<std::string>& sessions, size_t cut = 0) {
    backup::FileWriter writer({StoreId("old"), Revision(50), clock_.Wall(), "0.1.0"});
    for (const std::string& id : sessions) writer.Add({"s/" + id, "of " + id, Revision(7)});
    writer.End();
    const std::string bytes = writer.Take();
    std::ofstream(file_, std::ios::binary) << bytes.substr(0, bytes.size() - cut);
  }
  int Restore(bool force = false) {
    OfflineLine line;
    line.file = file_;
    line.force = force;
    line.config = config::DefaultConfig();
    line.config.data = data_;
    line.config.disk_reserve_bytes = 0;
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = RunOffline(line, clock_, random_);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  static std::unique_ptr<store::RocksRecordStore> OpenDisk(const std::string& path) {
    store::RocksOptions options;
    options.directory = path;
    options.keep_free_bytes = 0;
    options.reserve_bytes = 0;
    auto disk = store::RocksRecordStore::Open(std::move(options));
    EXPECT_TRUE(disk.ok()) << disk.status();
    return disk.ok() ? *std::move(disk) : nullptr;
  }
  // The keys of a store, without the base of the epochs; the store's id goes into `id_`.
  std::set<std::string> KeysIn(const std::string& store) {
    std::set<std::string> keys;
    const auto disk = OpenDisk(store);
    const backup::DiskSource source(*disk, clock_, "");
    const auto reading = source.Open();
    EXPECT_TRUE(reading.ok()) << reading.status();
    if (!reading.ok()) return keys;
    id_ = (*reading)->header().store.value();
    const auto records = (*reading)->Next(1 << 20);
    EXPECT_TRUE(records.ok()) << records.status();
    for (const backup::Record& record : *records) keys.insert(record.key);
    EXPECT_EQ(keys.erase("m/horizon"), 1u);
    return keys;
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(data_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  testing::FakeClock clock_;
  base::SeededRandom random_{11};
  const store::TempDirectory temp_;
  const fs::path directory_ = temp_.path();
  fs::path file_;
  fs::path data_;
  std::string id_;
  std::string out_;
  std::string err_;
};

TEST_F(OfflineTest, ANewDirectoryHoldsWhatTheFileHeld) {
  WriteBackup({"1", "2"});
  ASSERT_EQ(Restore(), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("store old at revision 50"));
  EXPECT_EQ(KeysIn(data_ / "store"), (std::set<std::string>{"s/1", "s/2"}));
  EXPECT_THAT(out_, HasSubstr(id_));
  EXPECT_EQ(Names(), std::set<std::string>{"store"});
}

TEST_F(OfflineTest, AStoreThatIsThereIsMovedAsideOnlyByForce) {
  WriteBackup({"old"});
  ASSERT_EQ(Restore(), 0) << err_;
  std::ofstream(data_ / "node_id") << "node-1\n";
  WriteBackup({"new"});
  EXPECT_EQ(Restore(), 1);
  EXPECT_THAT(err_, HasSubstr("--force"));
  EXPECT_EQ(KeysIn(data_ / "store"), std::set<std::string>{"s/old"});
  ASSERT_EQ(Restore(/*force=*/true), 0) << err_;
  EXPECT_EQ(KeysIn(data_ / "store"), std::set<std::string>{"s/new"});
  EXPECT_EQ(KeysIn(data_ / "store.before-20240101T000000Z"), std::set<std::string>{"s/old"});
  EXPECT_EQ(Names(), (std::set<std::string>{"node_id", "store", "store.before-20240101T000000Z"}));
}

TEST_F(OfflineTest, ADirectoryInUseIsLeftAlone) {
  WriteBackup({"old"});
  ASSERT_EQ(Restore(), 0) << err_;
  const auto in_use = OpenDisk(data_ / "store");
  EXPECT_EQ(Restore(/*force=*/true), 1);
  EXPECT_THAT(err_, HasSubstr("is in use"));
}

TEST_F(OfflineTest, AFileThatIsNotWholeChangesNothing) {
  WriteBackup({"1"}, /*cut=*/3);
  EXPECT_EQ(Restore(), 1);
  EXPECT_THAT(err_, HasSubstr(file_.string() + " is incomplete"));
  EXPECT_FALSE(fs::exists(data_));
  std::ofstream(file_) << "no backup at all";
  EXPECT_EQ(Restore(), 2);
  EXPECT_THAT(err_, HasSubstr("is not a backup"));
  fs::remove(file_);
  EXPECT_EQ(Restore(), 1);
  EXPECT_THAT(err_, HasSubstr("cannot open"));
}

TEST_F(OfflineTest, WhatABrokenRestoreLeftIsClearedAway) {
  WriteBackup({"half"});
  ASSERT_EQ(Restore(), 0) << err_;
  const DataFolder folder = *DataFolder::Open(data_);
  fs::rename(folder.store(), folder.unfinished_store());
  WriteBackup({"1"});
  ASSERT_EQ(Restore(), 0) << err_;
  EXPECT_EQ(KeysIn(data_ / "store"), std::set<std::string>{"s/1"});
  EXPECT_EQ(Names(), std::set<std::string>{"store"});
}

TEST_F(OfflineTest, ADirectoryThatIsNotOursIsLeftAlone) {
  WriteBackup({"1"});
  fs::create_directories(data_ / "store");
  std::ofstream(data_ / "store" / "letter.txt") << "precious";
  EXPECT_EQ(Restore(/*force=*/true), 1);
  EXPECT_THAT(err_, HasSubstr("not Rollcall's"));
  EXPECT_TRUE(fs::exists(data_ / "store" / "letter.txt"));
}

TEST_F(OfflineTest, MigratingNeedsAStore) {
  OfflineLine line;
  line.verb = OfflineLine::Verb::kMigrate;
  line.config = config::DefaultConfig();
  line.config.data = data_;
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RunOffline(line, clock_, random_), 1);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("there is no store in"));
  EXPECT_FALSE(fs::exists(data_));
}

}  // namespace
}  // namespace rollcall::app
