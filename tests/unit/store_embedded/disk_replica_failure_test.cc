// A node's copy of another store on a disk that is full, broken, or loses power.
#include <filesystem>
#include <fstream>
#include <string>

#include "server/store/embedded/disk_replica.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/store_embedded/disk_replica_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;

TEST_F(DiskReplicaTest, FullDiskIsToldOfAndTriedAgainEverySecond) {
  Restart(7, {});
  Settle();
  disk_.now().SetCapacity(disk_.now().bytes() + 50);
  Append(8, {{"i/a", std::string(1000, 'x')}});
  Settle();
  EXPECT_TRUE(absl::IsResourceExhausted(replica_->health()));
  EXPECT_EQ(changes_, 1);
  Append(9, {{"i/b", "y"}});
  executor_.AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@7"));
  disk_.now().SetCapacity(1 << 20);
  executor_.AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(replica_->health().ok());
  EXPECT_EQ(changes_, 2);
  EXPECT_THAT(
      Held(*replica_),
      ElementsAre("cluster-1@9", absl::StrCat("i/a@8=", std::string(1000, 'x')), "i/b@9=y"));
}

TEST_F(DiskReplicaTest, BacklogThatOutgrowsItsLimitAsksForARestartOnceThereIsRoom) {
  options_.max_backlog_bytes = 10'000;
  Open();
  Restart(7, {At(3, "i/a", "x")});
  Settle();
  disk_.now().SetCapacity(disk_.now().bytes() + 50);
  for (uint64_t r = 8; r < 40; ++r) Append(r, {{"i/a", std::string(1000, 'x')}});
  Settle();
  EXPECT_TRUE(absl::IsResourceExhausted(replica_->health()));
  EXPECT_FALSE(replica_->needs_restart()) << "it could not be written yet";
  disk_.now().SetCapacity(10 << 20);
  executor_.AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(replica_->needs_restart());
  EXPECT_FALSE(replica_->health().ok());
  Append(40, {{"i/a", "lost"}});
  executor_.AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@7", "i/a@3=x")) << "a true state still";
  Restart(50, {At(45, "i/a", "y")});
  Settle();
  EXPECT_FALSE(replica_->needs_restart());
  EXPECT_TRUE(replica_->health().ok());
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@50", "i/a@45=y"));
  EXPECT_EQ(executor_.pending(), 0u);
}

TEST_F(DiskReplicaTest, RestartOnAFullDiskIsWrittenWhenThereIsRoom) {
  Restart(7, {At(3, "i/a", "x")});
  Settle();
  disk_.now().SetCapacity(disk_.now().bytes() + 50);
  Restart(20, {At(15, "i/b", std::string(5000, 'y'))});
  Append(21, {{"i/c", "z"}});
  executor_.AdvanceBy(absl::Seconds(3));
  EXPECT_TRUE(absl::IsResourceExhausted(replica_->health()));
  disk_.now().SetCapacity(1 << 20);
  executor_.AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(replica_->health().ok());
  EXPECT_THAT(
      Held(*replica_),
      ElementsAre("cluster-1@21", absl::StrCat("i/b@15=", std::string(5000, 'y')), "i/c@21=z"));
}

TEST_F(DiskReplicaTest, BrokenDiskIsLeftAlone) {
  Restart(7, {At(3, "i/a", "x")});
  Settle();
  disk_.now().Crash();
  Append(8, {{"i/a", "y"}});
  Settle();
  EXPECT_TRUE(absl::IsUnavailable(replica_->health()));
  EXPECT_EQ(changes_, 1);
  disk_.now().Reopen();
  Append(9, {{"i/a", "z"}});
  Restart(10, {});
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(replica_->health().ok());
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@7", "i/a@3=x"));
}

// On the real disk, without syncing: what a loss of power leaves is what reached the log.
TEST(RocksReplicaTest, LogThatEndsEarlyLeavesATrueStateOfThePast) {
  TempDirectory temp;
  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  RocksOptions options;
  options.directory = temp / "replica";
  options.keep_free_bytes = 8 << 20;
  options.reserve_bytes = 1 << 20;
  options.sync = false;
  options.on_failure = [](std::string what) { ADD_FAILURE() << what; };
  std::filesystem::path log;
  {
    auto disk = RocksRecordStore::Open(options);
    ASSERT_TRUE(disk.ok()) << disk.status();
    auto replica = DiskReplica::Open(**disk, executor, executor, clock, {});
    ASSERT_TRUE(replica.ok()) << replica.status();
    (*replica)->Restart(kStore, Revision(1), clock.Wall(), {});
    for (uint64_t r = 2; r <= 50; ++r) {
      (*replica)->Append({Revision(r), clock.Wall(), {{"i/a", absl::StrCat("v", r)}}});
      executor.RunReady();
    }
    // The copy is what a machine finds that lost power: files as they are, unsynced.
    std::filesystem::copy(options.directory, temp / "cut");
  }
  for (const auto& file : std::filesystem::directory_iterator(temp / "cut")) {
    if (file.path().extension() == ".log") log = file.path();
  }
  ASSERT_FALSE(log.empty());
  // The file system kept its length and not all of its pages.
  const auto size = std::filesystem::file_size(log);
  {
    std::fstream bytes(log, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(size * 2 / 3));
    bytes << std::string(100, '\0');
  }
  options.directory = temp / "cut";
  auto disk = RocksRecordStore::Open(options);
  ASSERT_TRUE(disk.ok()) << disk.status();
  auto replica = DiskReplica::Open(**disk, executor, executor, clock, {});
  ASSERT_TRUE(replica.ok()) << replica.status();
  const auto position = (*replica)->position();
  ASSERT_TRUE(position.ok() && position->has_value());
  const uint64_t revision = (*position)->revision.value();
  EXPECT_GT(revision, 10u);
  EXPECT_LT(revision, 50u);
  EXPECT_THAT(Held(**replica), ElementsAre(absl::StrCat("cluster-1@", revision),
                                           absl::StrCat("i/a@", revision, "=v", revision)));
  (*replica)->Append({Revision(60), clock.Wall(), {{"i/a", "new"}}});
  executor.RunReady();
  EXPECT_TRUE((*replica)->health().ok());
  EXPECT_THAT(Held(**replica), ElementsAre("cluster-1@60", "i/a@60=new"));
}

}  // namespace
}  // namespace rollcall::store
