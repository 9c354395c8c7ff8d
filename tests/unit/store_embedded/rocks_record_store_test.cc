// The real disk: who may open it, what survives, what a full one does.
#include "server/store/embedded/rocks_record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/temp_directory.h"
#include "tests/unit/store_embedded/small_disk.h"
#include "tests/unit/store_embedded/store_fixture.h"

namespace rollcall::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RocksRecordStoreTest : public ::testing::Test {
 protected:
  RocksRecordStoreTest() {
    options_.directory = temp_ / "data";
    options_.keep_free_bytes = 8 << 20;
    options_.reserve_bytes = 1 << 20;
    options_.on_failure = [this](std::string what) { failures_.push_back(std::move(what)); };
  }

  void Open() {
    disk_.reset();
    auto disk = RocksRecordStore::Open(options_);
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = *std::move(disk);
  }
  absl::Status Put(const std::string& key, const std::string& value) {
    Batch batch;
    batch.Put(Table::kRecords, key, value);
    return disk_->Write(batch);
  }
  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    EXPECT_TRUE(disk_
                    ->Scan(Table::kRecords, {},
                           [&](absl::string_view key, absl::string_view) {
                             keys.emplace_back(key);
                             return true;
                           })
                    .ok());
    return keys;
  }
  // What a machine that loses power now would find.
  void CopyAsIs(const std::string& to) const { fs::copy(options_.directory, to); }
  static fs::path NewestLog(const std::string& directory) {
    fs::path newest;
    for (const auto& file : fs::directory_iterator(directory)) {
      if (file.path().extension() == ".log") newest = std::max(newest, file.path());
    }
    return newest;
  }

  TempDirectory temp_;
  RocksOptions options_;
  std::vector<std::string> failures_;
  std::unique_ptr<RocksRecordStore> disk_;
};

TEST_F(RocksRecordStoreTest, MakesItsDirectoryForItsUserAlone) {
  options_.directory = temp_ / "a/b/c/";
  Open();
  struct stat info = {};
  ASSERT_EQ(::stat((temp_ / "a/b/c").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(RocksRecordStoreTest, TightensAnEmptyDirectoryThatExists) {
  fs::create_directory(options_.directory);
  ::chmod(options_.directory.c_str(), 0755);
  Open();
  struct stat info = {};
  ASSERT_EQ(::stat(options_.directory.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(RocksRecordStoreTest, RefusesADirectoryWithForeignFiles) {
  fs::create_directory(options_.directory);
  WriteFile(options_.directory + "/thesis.txt", "years of work");
  const auto opened = RocksRecordStore::Open(options_);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("not Rollcall's"));
}

TEST_F(RocksRecordStoreTest, ASecondOpenIsRefusedAndNamesDirectoryAndProcess) {
  Open();
  const auto second = RocksRecordStore::Open(options_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(second.status().message()),
      AllOf(HasSubstr(options_.directory), HasSubstr(absl::StrCat("process ", ::getpid()))));
  disk_.reset();
  Open();
}

TEST_F(RocksRecordStoreTest, OpenedAgainItHoldsEverything) {
  Open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(absl::StrCat("k", i), "v").ok());
  Open();
  EXPECT_EQ(Keys().size(), 100u);
}

TEST_F(RocksRecordStoreTest, WhatWasAcknowledgedSurvivesACrash) {
  Open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(absl::StrCat("k", i), "v").ok());
  CopyAsIs(temp_ / "copy");
  options_.directory = temp_ / "copy";
  Open();
  EXPECT_EQ(Keys().size(), 100u);
}

TEST_F(RocksRecordStoreTest, ATornTailLosesOnlyTheWriteThatWasTorn) {
  Open();
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Put(key, std::string(100, 'v')).ok());
  for (const uint64_t torn : {1, 50, 100}) {
    const std::string copy = temp_ / absl::StrCat("torn", torn);
    CopyAsIs(copy);
    const fs::path log = NewestLog(copy);
    fs::resize_file(log, fs::file_size(log) - torn);
    RocksOptions options = options_;
    options.directory = copy;
    auto opened = RocksRecordStore::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    disk_ = *std::move(opened);
    EXPECT_THAT(Keys(), ElementsAre("a", "b")) << torn;
  }
}

TEST_F(RocksRecordStoreTest, DamageBeforeTheTailIsRefusedNotForgotten) {
  Open();
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Put(key, std::string(100, 'v')).ok());
  const std::string copy = temp_ / "copy";
  CopyAsIs(copy);
  {
    std::fstream log(NewestLog(copy), std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(60);
    log.put('!');
  }
  options_.directory = copy;
  const auto opened = RocksRecordStore::Open(options_);
  EXPECT_FALSE(opened.ok());
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("cannot be opened"));
}

TEST_F(RocksRecordStoreTest, AFullDiskRefusesBeforeTheDatabaseMeetsItAndGoesOnByItself) {
  uint64_t free = uint64_t{1} << 40;
  options_.free_bytes = [&](const std::string&) { return free; };
  std::vector<absl::StatusCode> told;
  options_.on_space = [&](const absl::Status& space) { told.push_back(space.code()); };
  Open();
  ASSERT_TRUE(Put("a", "1").ok());
  free = (8 << 20) - 1;
  const absl::Status refused = Put("b", "1");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(Put("b", "1").ok());
  EXPECT_THAT(std::string(refused.message()), HasSubstr(options_.directory));
  free = uint64_t{1} << 40;
  ASSERT_TRUE(Put("c", "1").ok());
  EXPECT_THAT(Keys(), ElementsAre("a", "c"));
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_THAT(told, ElementsAre(absl::StatusCode::kResourceExhausted, absl::StatusCode::kOk));
}

TEST_F(RocksRecordStoreTest, AWriteThatFreesSpaceIsLetFurtherDown) {
  uint64_t free = uint64_t{1} << 40;
  options_.free_bytes = [&](const std::string&) { return free; };
  Open();
  ASSERT_TRUE(Put("a", "1").ok());
  free = 5 << 20;
  Batch batch;
  batch.Delete(Table::kRecords, "a");
  EXPECT_FALSE(disk_->Write(batch).ok());
  batch.MarkFreesSpace();
  EXPECT_TRUE(disk_->Write(batch).ok());
}

TEST_F(RocksRecordStoreTest, TheReserveIsGivenUpWhenSpaceRunsOutAndMadeAgain) {
  uint64_t free = uint64_t{1} << 40;
  options_.free_bytes = [&](const std::string&) { return free; };
  const std::string reserve = options_.directory + "/reserve";
  Open();
  EXPECT_EQ(fs::file_size(reserve), 1u << 20);
  free = 1 << 20;
  EXPECT_FALSE(Put("a", "1").ok());
  EXPECT_FALSE(fs::exists(reserve));
  free = uint64_t{1} << 40;
  EXPECT_TRUE(Put("a", "1").ok());
  EXPECT_TRUE(fs::exists(reserve));
}

// A disk of 64 MiB that really runs full.
class SmallDiskTest : public RocksRecordStoreTest {
 protected:
  SmallDiskTest() {
    options_.keep_free_bytes = 12 << 20;
    options_.reserve_bytes = 4 << 20;
    options_.write_buffer_bytes = 1 << 20;
    options_.free_bytes = [this](const std::string&) { return small_.free_bytes(); };
  }
  // Before the disk that it writes to.
  ~SmallDiskTest() override { disk_.reset(); }

  // Values that do not compress.
  std::string Noise(size_t size) {
    std::string value(size, '\0');
    for (char& c : value) c = static_cast<char>(random_.Next());
    return value;
  }
  // Writes until refused; answers how many were acknowledged.
  int Fill() {
    for (int i = 0; i < 10000; ++i) {
      const absl::Status status = Put(absl::StrCat("key", i), Noise(64 << 10));
      if (status.ok()) continue;
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
      return i;
    }
    return 0;
  }

  base::SeededRandom random_{11};
  SmallDisk small_{temp_.path(), 64 << 20};
};

TEST_F(SmallDiskTest, FilledByItselfItRefusesAndLosesNothing) {
  Open();
  const int acknowledged = Fill();
  EXPECT_GT(acknowledged, 100);
  EXPECT_EQ(Keys().size(), static_cast<size_t>(acknowledged));
  Open();  // on a full disk
  EXPECT_EQ(Keys().size(), static_cast<size_t>(acknowledged));
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(small_.refused(), 0) << "the database met the full disk";
}

TEST_F(SmallDiskTest, FilledByOthersToTheLastByteItOpensAndAnswersReadsAndRecovers) {
  Open();
  ASSERT_TRUE(Put("a", Noise(100 << 10)).ok());
  small_.FillUp();
  ASSERT_EQ(small_.free_bytes(), 0u);
  EXPECT_EQ(Put("b", "1").code(), absl::StatusCode::kResourceExhausted);
  Open();
  EXPECT_THAT(Keys(), ElementsAre("a"));
  EXPECT_EQ(Put("b", "1").code(), absl::StatusCode::kResourceExhausted);
  small_.Clear();
  EXPECT_TRUE(Put("b", "1").ok());
  Open();
  EXPECT_THAT(Keys(), ElementsAre("a", "b"));
  EXPECT_THAT(failures_, IsEmpty());
  EXPECT_EQ(small_.refused(), 0) << "the database met the full disk";
}

TEST_F(SmallDiskTest, ADatabaseThatMeetsAFullDiskAllTheSameSaysSoOnce) {
  options_.keep_free_bytes = 0;
  options_.reserve_bytes = 0;
  options_.free_bytes = [](const std::string&) { return uint64_t{1} << 40; };
  Open();
  absl::Status status;
  for (int i = 0; i < 10000 && status.ok(); ++i) status = Put(absl::StrCat(i), Noise(64 << 10));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_FALSE(Put("more", "1").ok());
  EXPECT_THAT(failures_, ElementsAre(HasSubstr("No space left on device")));
}

// The whole store on a real disk.
TEST_F(RocksRecordStoreTest, AStoreOnItKeepsIdRecordsAndHistory) {
  testing::FakeClock clock;
  testing::ManualExecutor executor(clock);
  base::SeededRandom random(5);
  StoreId id;
  for (int round = 0; round < 3; ++round) {
    Open();
    auto store = EmbeddedStore::Open(*disk_, executor, executor, clock, random);
    ASSERT_TRUE(store.ok()) << store.status();
    if (round == 0) id = (*store)->id();
    EXPECT_EQ((*store)->id(), id);
    std::string word;
    (*store)->Commit({PutAt("a", absl::StrCat(round), static_cast<uint64_t>(round))},
                     [&](std::vector<Outcome> outcomes) { word = Word(outcomes[0]); });
    executor.RunReady();
    EXPECT_EQ(word, absl::StrCat(round + 1));
    auto view = (*store)->version_log().Read();
    ASSERT_TRUE(view.ok());
    int versions = 0;
    ASSERT_TRUE((*view)->ScanKey("a", [&](Version) { ++versions; }).ok());
    EXPECT_EQ(versions, round + 1);
  }
}

}  // namespace
}  // namespace rollcall::store
