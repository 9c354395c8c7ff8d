// A node's copy of another store: what is written, and what a crash leaves.
#include "server/store/embedded/disk_replica.h"

#include <map>
#include <string>
#include <vector>

#include "server/store/embedded/embedded_store.h"
#include "tests/unit/store_embedded/disk_replica_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  EXPECT_GT(replica_->backlog_bytes(), 92u);
  Settle();
  EXPECT_EQ(replica_->backlog_bytes(), 0u);
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

// Format 2 wrote each version when it came.
TEST_F(DiskReplicaTest, AnEarlierFormatGoesOn) {
  Restart(7, {At(3, "i/a", "x"), At(4, "i/b", "y")});
  Append(9, {{"i/a", "x2"}});
  Settle();
  const auto make_earlier = [&] {
    Batch batch;
    batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(2));
    batch.Put(Table::kVersions, layout::VersionKey("i/a", Revision(9)),
              layout::EncodeVersion("x2"));
    batch.Put(Table::kVersions, layout::VersionKey("i/b", Revision(4)), layout::EncodeVersion("y"));
    ASSERT_TRUE(disk_.Write(batch).ok());
  };
  const auto format = [&] {
    return layout::DecodeNumber(*disk_.Get(Table::kMeta, layout::kFormatKey).value()).value();
  };
  make_earlier();
  Open();
  EXPECT_EQ(format(), 2u) << "opening writes nothing";
  EXPECT_THAT(Held(*replica_), ElementsAre("cluster-1@9", "i/a@9=x2", "i/b@4=y"));
  EXPECT_THAT(Versions(), ElementsAre("i/a@3=x", "i/a@9=x2", "i/b@4=y"));
  Append(10, {{"i/b", std::nullopt}});
  Settle();
  EXPECT_EQ(format(), layout::kFormat);
  EXPECT_THAT(Versions(), ElementsAre("i/a@3=x", "i/a@9=x2", "i/b@4=y", "i/b@10 purged"));

  make_earlier();
  Open();
  Restart(12, {At(9, "i/a", "x2")});
  Settle();
  EXPECT_EQ(format(), layout::kFormat);
  EXPECT_THAT(Versions(), ElementsAre("i/a@9=x2"));
}

TEST_F(DiskReplicaTest, WhatIsSupersededCountsForWhatOneWriteHolds) {
  constexpr uint64_t kRecords = 10;
  std::vector<Record> records;
  for (uint64_t i = 0; i < kRecords; ++i) {
    records.push_back(At(i + 1, absl::StrCat("i/", i), std::string(1 << 20, 'x')));
  }
  Restart(kRecords, std::move(records));
  Settle();
  const size_t before = disk_.writes();
  for (uint64_t i = 0; i < kRecords; ++i) {
    Append(kRecords + 1 + i, {{absl::StrCat("i/", i), "small"}});
  }
  Settle();
  EXPECT_EQ(disk_.writes(), before + 3);  // 4 MiB each
  EXPECT_EQ(Held(*replica_).front(), "cluster-1@20");
}

TEST_F(DiskReplicaTest, NewerFormatIsRefused) {
  MemoryRecordStore other;
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat + 1));
  ASSERT_TRUE(other.Write(batch).ok());
  const auto replica = DiskReplica::Open(other, executor_, executor_, clock_, options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(replica.status()));
  EXPECT_THAT(std::string(replica.status().message()), HasSubstr("holds data of format 4"));
}

}  // namespace
}  // namespace rollcall::store
