// A node's copy of another store: what is written, what a crash leaves, what a full disk does.
#include "server/store/embedded/disk_replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/store_embedded/replayed_disk.h"
#include "tests/unit/store_embedded/temp_directory.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const StoreId kStore("cluster-1");

// "key@revision=value" of every record, after "store@revision"; "empty" if nothing is held.
std::vector<std::string> Held(const ReplicaLog& log) {
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

TEST_F(DiskReplicaTest, IsEmptyAtFirst) {
  EXPECT_THAT(Held(*replica_), ElementsAre("empty"));
  EXPECT_TRUE(replica_->health().ok());
  EXPECT_FALSE(replica_->needs_restart());
  EXPECT_THAT(Versions(), IsEmpty());
}

TEST_F(DiskReplicaTest, HoldsWhatItWasToldAndReopensWithIt) {
  Restart(7, {At(3, "i/a", "x"), At(7, "s/1", "y")});
  Append(9, {{"i/a", "x2"}, {"i/b", "z"}});
  Append(12, {{"s/1", std::nullopt}});
  Settle();
  Open();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@12", "i/a@9=x2", "i/b@9=z"));
}

TEST_F(DiskReplicaTest, RevisionWithoutRecordsMovesThePositionAlone) {
  Restart(7, {At(3, "i/a", "x")});
  Append(9, {});
  Settle();
  Open();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@9", "i/a@3=x"));
  EXPECT_EQ((*replica_->version_log().Read())->revision(), Revision(9));
}

TEST_F(DiskReplicaTest, ChangesThatWaitAreWrittenTogether) {
  Restart(7, {});
  Settle();
  const size_t before = disk_.writes();
  for (uint64_t r = 8; r < 100; ++r) Append(r, {{"i/a", absl::StrCat("x", r)}});
  Settle();
  EXPECT_EQ(disk_.writes(), before + 1);
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@99", "i/a@99=x99"));
  EXPECT_EQ(Versions().size(), 92u) << "each revision stays known";
}

TEST_F(DiskReplicaTest, ChangeAtOrBelowThePositionIsNotWrittenAgain) {
  Restart(7, {At(7, "i/a", "x")});
  Append(7, {{"i/a", "old"}});
  Append(8, {{"i/a", "new"}});
  Append(8, {{"i/a", "again"}});
  Settle();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@8", "i/a@8=new"));
}

TEST_F(DiskReplicaTest, KeysThatTheLayoutCannotHoldAreLeftOut) {
  const std::string zero("i/\0a", 4);
  Restart(7, {At(7, zero, "x")});
  Append(8, {{zero, "y"}, {"i/a", "z"}});
  Settle();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@8", "i/a@8=z"));
}

TEST_F(DiskReplicaTest, HistoryTellsWhatWasAppended) {
  Restart(7, {At(3, "i/a", "x")});
  clock_.AdvanceBy(absl::Minutes(1));
  Append(9, {{"i/a", "y"}});
  Append(11, {{"i/a", std::nullopt}});
  Settle();
  EXPECT_THAT(Versions(), ElementsAre("i/a@3=x", "i/a@9=y", "i/a@11 purged"));
  EXPECT_EQ(Floor().revision, Revision(7));
  const auto view = replica_->version_log().Read();
  EXPECT_EQ((*view)->TimeOf(Revision(9)).value(), clock_.Wall());
  EXPECT_EQ((*view)->RevisionAt(clock_.Wall() - absl::Seconds(1)).value(), Revision(7));
}

TEST_F(DiskReplicaTest, HistoryIsTrimmedAsAStoresOwn) {
  Restart(7, {At(3, "i/a", "x")});
  Append(9, {{"i/a", "y"}});
  Append(11, {{"i/b", "z"}});
  Settle();
  replica_->version_log().Trim({absl::Seconds(1), 1 << 30}, clock_.Wall() + absl::Hours(1),
                               [](absl::StatusOr<uint64_t> dropped) { EXPECT_EQ(*dropped, 2u); });
  Settle();
  EXPECT_THAT(Versions(), ElementsAre("i/a@9=y", "i/b@11=z"));
  Open();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@11", "i/a@9=y", "i/b@11=z"));
}

TEST_F(DiskReplicaTest, RestartWritesTheDifferenceAndHistoryBeginsThere) {
  Restart(7, {At(3, "i/a", "x"), At(4, "i/b", "y"), At(5, "i/c", "z")});
  Append(9, {{"i/a", "x2"}});
  Settle();
  clock_.AdvanceBy(absl::Hours(1));
  Restart(40, {At(9, "i/a", "x2"), At(33, "i/b", "y2"), At(34, "i/bb", "n")});
  Settle();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@40", "i/a@9=x2", "i/b@33=y2", "i/bb@34=n"));
  EXPECT_THAT(Versions(), ElementsAre("i/a@9=x2", "i/b@33=y2", "i/bb@34=n"));
  EXPECT_EQ(Floor().revision, Revision(40));
  EXPECT_EQ(Floor().time, clock_.Wall());
  Append(41, {{"i/a", std::nullopt}});
  Settle();
  EXPECT_THAT(Versions(), ElementsAre("i/a@9=x2", "i/a@41 purged", "i/b@33=y2", "i/bb@34=n"));
}

TEST_F(DiskReplicaTest, RestartForAnotherStoreKeepsNothingOfTheFirst) {
  Restart(70, {At(3, "i/a", "x"), At(4, "i/b", "y")});
  Append(71, {{"i/a", "x2"}});
  Settle();
  Restart(5, {At(4, "i/b", "other")}, StoreId("cluster-2"));
  Append(6, {{"i/n", "new"}});
  Settle();
  Open();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-2@6", "i/b@4=other", "i/n@6=new"));
  EXPECT_THAT(Versions(), ElementsAre("i/b@4=other", "i/n@6=new"));
}

TEST_F(DiskReplicaTest, RestartReplacesWhatWaits) {
  Restart(7, {});
  Append(8, {{"i/a", "x"}});
  Restart(20, {At(15, "i/b", "y")});
  Append(21, {{"i/c", "z"}});
  Settle();
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@21", "i/b@15=y", "i/c@21=z"));
}

TEST_F(DiskReplicaTest, LossOfPowerLeavesATrueStateOfThePast) {
  std::map<uint64_t, std::string> truth = {{1, ""}};
  Restart(1, {});
  Settle();
  const size_t first = disk_.writes();
  std::map<std::string, std::string> records;
  for (uint64_t r = 2; r < 30; ++r) {
    const std::string key = absl::StrCat("i/", r % 5);
    if (r % 7 == 0) {
      records.erase(key);
      Append(r, {{key, std::nullopt}});
    } else {
      records[key] = absl::StrCat("@", r, "=v");
      Append(r, {{key, "v"}});
    }
    std::string& line = truth[r];
    for (const auto& [k, v] : records) absl::StrAppend(&line, k, v, " ");
    Settle();
  }
  for (size_t kept = disk_.writes(); kept >= first; --kept) {
    LosePower(kept);
    const std::vector<std::string> held = Held(*replica_);
    std::string line;
    for (size_t i = 1; i < held.size(); ++i) absl::StrAppend(&line, held[i], " ");
    const uint64_t revision = (*replica_->position())->revision.value();
    EXPECT_EQ(revision, 1 + kept - first);
    EXPECT_EQ(line, truth[revision]) << "at revision " << revision;
  }
}

TEST_F(DiskReplicaTest, HalfWrittenRestartCountsAsEmptyAndIsGoneOnWith) {
  std::vector<Record> records;
  std::vector<std::string> expected = {"cluster-1@90"};
  for (int i = 100; i < 150; ++i) {
    records.push_back(At(80, absl::StrCat("i/", i), std::string(100'000, 'x')));
    expected.push_back(absl::StrCat("i/", i, "@80=", records.back().value));
  }
  Restart(7, {At(3, "i/100", "a"), At(4, "z", "b")});
  Settle();
  const size_t before = disk_.writes();
  Restart(90, records);
  Settle();
  const size_t after = disk_.writes();
  ASSERT_GT(after, before + 5) << "in several batches";
  for (size_t kept = after - 1; kept > before; --kept) {
    LosePower(kept);
    ASSERT_THAT(Held(*replica_), ElementsAre("empty"));
    EXPECT_THAT(Versions(), ElementsAre(HasSubstr("cannot tell the past yet")));
    if (kept != before + 3) continue;
    Restart(90, records);
    Settle();
    EXPECT_EQ(Held(*replica_), expected);
    EXPECT_EQ(Versions().size(), 50u);
  }
}

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

TEST_F(DiskReplicaTest, IsNoStoreOfItsOwnAndTheOtherWayRound) {
  const auto store = EmbeddedStore::Open(disk_, executor_, executor_, clock_, random_);
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("copy of a cluster's store"));
  MemoryRecordStore other;
  ASSERT_TRUE(EmbeddedStore::Open(other, executor_, executor_, clock_, random_).ok());
  const auto replica = DiskReplica::Open(other, executor_, executor_, clock_, options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(replica.status()));
  EXPECT_THAT(std::string(replica.status().message()), HasSubstr("holds a store of its own"));
}

TEST_F(DiskReplicaTest, NewerFormatIsRefused) {
  MemoryRecordStore other;
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kReplicaFormat + 1));
  ASSERT_TRUE(other.Write(batch).ok());
  const auto replica = DiskReplica::Open(other, executor_, executor_, clock_, options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(replica.status()));
  EXPECT_THAT(std::string(replica.status().message()), HasSubstr("holds data of format 3"));
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
