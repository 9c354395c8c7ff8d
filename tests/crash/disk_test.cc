// What a loss of power takes, and that it takes it: a disk that forgets nothing proves nothing.
#include "tests/crash/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <memory>
#include <set>
#include <string>

#include "tests/crash/crash_file_system.h"

namespace rollcall::crash {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class DiskTest : public ::testing::Test {
 protected:
  std::unique_ptr<rocksdb::WritableFile> Make(const std::string& path) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(env_->NewWritableFile(path, &file, {}).ok());
    return file;
  }
  void SyncNames() {
    std::unique_ptr<rocksdb::Directory> directory;
    ASSERT_TRUE(env_->NewDirectory("/d", &directory).ok());
    ASSERT_TRUE(directory->Fsync().ok());
  }
  Files After(Loss loss, uint64_t seed = 0) const {
    Disk disk;
    for (const Operation& operation : files_->journal()) disk.Apply(operation);
    return disk.After(loss, seed);
  }
  // What any of many draws leaves.
  std::set<std::string> AllAfter(Loss loss, const std::string& path) const {
    std::set<std::string> all;
    for (uint64_t seed = 0; seed < 200; ++seed) all.insert(After(loss, seed)[path]);
    return all;
  }

  std::shared_ptr<CrashFileSystem> files_ = std::make_shared<CrashFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
};

TEST_F(DiskTest, BytesAreThereOnceTheyAreSynced) {
  const auto file = Make("/d/a");
  SyncNames();
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_THAT(After(Loss::kUnsynced), ElementsAre(Pair("/d/a", "")));
  EXPECT_THAT(After(Loss::kNothing), ElementsAre(Pair("/d/a", "abc")));
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("def").ok());
  EXPECT_THAT(After(Loss::kUnsynced), ElementsAre(Pair("/d/a", "abc")));
  EXPECT_THAT(After(Loss::kBytes), ElementsAre(Pair("/d/a", "abc")));
  EXPECT_THAT(After(Loss::kNames), ElementsAre(Pair("/d/a", "abcdef")));
}

TEST_F(DiskTest, ANameIsThereOnceItsDirectoryIsSynced) {
  const auto file = Make("/d/new");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_THAT(After(Loss::kUnsynced), IsEmpty());
  EXPECT_THAT(After(Loss::kNames), IsEmpty());
  EXPECT_THAT(After(Loss::kBytes), ElementsAre(Pair("/d/new", "x")));
  SyncNames();
  ASSERT_TRUE(env_->RenameFile("/d/new", "/d/b").ok());
  EXPECT_THAT(After(Loss::kNames), ElementsAre(Pair("/d/new", "x")));
  SyncNames();
  ASSERT_TRUE(env_->DeleteFile("/d/b").ok());
  EXPECT_THAT(After(Loss::kNames), ElementsAre(Pair("/d/b", "x")));
  EXPECT_THAT(After(Loss::kNothing), IsEmpty());
  SyncNames();
  EXPECT_THAT(After(Loss::kUnsynced), IsEmpty());
}

TEST_F(DiskTest, AnotherDirectorysSyncIsNotItsOwn) {
  Make("/d/a");
  std::unique_ptr<rocksdb::Directory> other;
  ASSERT_TRUE(env_->NewDirectory("/", &other).ok());
  ASSERT_TRUE(other->Fsync().ok());
  EXPECT_THAT(After(Loss::kUnsynced), IsEmpty());
}

TEST_F(DiskTest, ATornTailIsCutAnywhereBehindTheLastSync) {
  const auto file = Make("/d/a");
  ASSERT_TRUE(file->Append("12").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("345").ok());
  EXPECT_THAT(AllAfter(Loss::kTail, "/d/a"), ElementsAre("12", "123", "1234", "12345"));
}

TEST_F(DiskTest, SectorsAreLostOneByOneAndTheLengthIsKept) {
  const auto file = Make("/d/a");
  ASSERT_TRUE(file->Append(std::string(300, 's')).ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append(std::string(1000, 'u')).ok());
  const std::set<std::string> all = AllAfter(Loss::kSectors, "/d/a");
  EXPECT_EQ(all.size(), 8u);
  for (const std::string& bytes : all) {
    EXPECT_EQ(bytes.size(), 1300u);
    EXPECT_EQ(bytes.substr(0, 300), std::string(300, 's'));
  }
  EXPECT_EQ(all.count(std::string(300, 's') + std::string(212, '\0') + std::string(512, 'u') +
                      std::string(276, '\0')),
            1u);
}

TEST_F(DiskTest, OfTwoFilesTheLaterMayBeThereWithoutTheEarlier) {
  const auto first = Make("/d/1");
  const auto second = Make("/d/2");
  SyncNames();
  ASSERT_TRUE(first->Append("a").ok());
  ASSERT_TRUE(second->Append("b").ok());
  bool met = false;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Files left = After(Loss::kScattered, seed);
    met = met || (left.at("/d/1").empty() && left.at("/d/2") == "b");
  }
  EXPECT_TRUE(met);
}

TEST_F(DiskTest, WithoutPowerEveryCallFailsAndNothingChanges) {
  files_ = std::make_shared<CrashFileSystem>(Files(), 2);
  env_ = rocksdb::NewCompositeEnv(files_);
  const auto file = Make("/d/a");
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_FALSE(file->Append("y").ok());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_FALSE(env_->RenameFile("/d/a", "/d/b").ok());
  EXPECT_FALSE(env_->FileExists("/d/a").ok());
  EXPECT_FALSE(files_->has_power());
  EXPECT_THAT(After(Loss::kNothing), ElementsAre(Pair("/d/a", "x")));
}

}  // namespace
}  // namespace rollcall::crash
