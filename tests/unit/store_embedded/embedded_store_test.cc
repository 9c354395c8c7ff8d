// What a store promises: guards, groups, order, watching; on a disk that works.
#include "tests/unit/store_embedded/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EmbeddedStoreTest : public StoreFixture {};

TEST_F(EmbeddedStoreTest, ANewStoreIsEmptyAtRevisionZero) { EXPECT_THAT(Load(), ElementsAre("0")); }

TEST_F(EmbeddedStoreTest, AGuardHoldsOnlyAtItsRevision) {
  EXPECT_THAT(Commit({PutAt("a", "1", 0)}), ElementsAre("1"));
  EXPECT_THAT(Commit({PutAt("a", "2", 0)}), ElementsAre("failed a@1=1"));
  EXPECT_THAT(Commit({PutAt("a", "2", 1)}), ElementsAre("2"));
  EXPECT_THAT(Commit({PutAt("b", "2", 9)}), ElementsAre("failed b absent"));
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "2"));
}

TEST_F(EmbeddedStoreTest, AFailedTransactionWritesNothingAndMakesNoRevision) {
  Commit({PutAt("a", "1", 0)});
  Transaction two = PutAt("b", "1", 0);
  two.guards.push_back({"a", Revision(7)});
  EXPECT_THAT(Commit({two}), ElementsAre("failed a@1=1"));
  EXPECT_THAT(Load(), ElementsAre("a@1=1", "1"));
}

TEST_F(EmbeddedStoreTest, TheTransactionsOfAGroupThatHoldShareOneRevision) {
  Commit({PutAt("b", "old", 0)});
  EXPECT_THAT(Commit({PutAt("a", "1", 0), PutAt("b", "1", 0), PutAt("c", "1", 0)}),
              ElementsAre("2", "failed b@1=old", "2"));
  EXPECT_THAT(Load(), ElementsAre("a@2=1", "b@1=old", "c@2=1", "2"));
}

TEST_F(EmbeddedStoreTest, AllGuardsOfAGroupSeeTheStateBeforeIt) {
  // Both members guard "g", which neither writes.
  Transaction first{{{"g", Revision(0)}}, {{"a", "1"}}, {}};
  Transaction second{{{"g", Revision(0)}, {"a", Revision(0)}}, {{"b", "1"}}, {}};
  EXPECT_THAT(Commit({first, second}), ElementsAre("1", "1"));
}

TEST_F(EmbeddedStoreTest, ATransactionWithoutWritesAnswersTheRevisionThatStands) {
  Commit({PutAt("a", "1", 0)});
  EXPECT_THAT(Commit({{{{"a", Revision(1)}}, {}, {}}}), ElementsAre("1"));
}

TEST_F(EmbeddedStoreTest, DeletingWhatIsNotThereMakesNoRevision) {
  EXPECT_THAT(Commit({DeleteAt("a", 0)}), ElementsAre("0"));
  EXPECT_THAT(Load(), ElementsAre("0"));
}

TEST_F(EmbeddedStoreTest, APurgedRecordIsGoneAndMayComeAgain) {
  Commit({PutAt("a", "1", 0)});
  EXPECT_THAT(Commit({DeleteAt("a", 1)}), ElementsAre("2"));
  EXPECT_THAT(Load(), ElementsAre("2"));
  EXPECT_THAT(Commit({PutAt("a", "2", 0)}), ElementsAre("3"));
}

TEST_F(EmbeddedStoreTest, AKeyThatCannotBeStoredIsRefused) {
  EXPECT_THAT(Commit({PutAt(std::string("a\0b", 3), "1", 0), PutAt("c", "1", 0)}),
              ElementsAre("refused INVALID_ARGUMENT", "1"));
}

TEST_F(EmbeddedStoreTest, GroupsInFlightAreDecidedInTheirOrder) {
  Submit({PutAt("a", "1", 0)});
  Submit({PutAt("a", "2", 1)});
  Submit({PutAt("a", "other", 1), PutAt("b", "1", 0)});
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("1", "2", "failed a@2=2", "3"));
}

TEST_F(EmbeddedStoreTest, QueuedGroupsAreWrittenTogetherAndKeepTheirRevisions) {
  const size_t before = disk_.writes();
  for (int i = 0; i < 10; ++i) Submit({PutAt(absl::StrCat("k", i), "1", 0)});
  executor_.RunReady();
  EXPECT_EQ(disk_.writes(), before + 1);
  EXPECT_EQ(TakeLog().back(), "10");
}

TEST_F(EmbeddedStoreTest, MoreGroupsThanOneWriteHoldsAllCommit) {
  for (int i = 0; i < 1000; ++i) Submit({PutAt("a", absl::StrCat(i), static_cast<uint64_t>(i))});
  executor_.RunReady();
  EXPECT_EQ(TakeLog().back(), "1000");
  EXPECT_THAT(Load(), ElementsAre("a@1000=999", "1000"));
}

TEST_F(EmbeddedStoreTest, WhatIsSupersededCountsForWhatOneWriteHolds) {
  constexpr uint64_t kRecords = 10;
  for (uint64_t i = 0; i < kRecords; ++i) {
    Commit({PutAt(absl::StrCat("k", i), std::string(1 << 20, 'x'), 0)});
  }
  const size_t before = disk_.writes();
  for (uint64_t i = 0; i < kRecords; ++i) Submit({PutAt(absl::StrCat("k", i), "small", i + 1)});
  executor_.RunReady();
  EXPECT_EQ(disk_.writes(), before + 3);  // 4 MiB each
  EXPECT_EQ(TakeLog().back(), absl::StrCat(2 * kRecords));
}

TEST_F(EmbeddedStoreTest, AChangeSetComesBeforeTheOutcomesOfItsGroup) {
  WatchFrom(0);
  Submit({PutAt("b", "1", 0), PutAt("a", "1", 0)});
  Submit({DeleteAt("a", 1)});
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("1: a=1 b=1", "1", "1", "2: a=<purged>", "2"));
}

TEST_F(EmbeddedStoreTest, AWatchBeginsWithWhatItMissed) {
  Commit({PutAt("a", "1", 0)});
  Commit({PutAt("a", "2", 1)});
  Commit({DeleteAt("a", 2)});
  WatchFrom(1);
  Submit({PutAt("b", "1", 0)});
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("2: a=2", "3: a=<purged>", "4: b=1", "4"));
}

TEST_F(EmbeddedStoreTest, ABarrierAnswersWhatWasAcknowledged) {
  Commit({PutAt("a", "1", 0)});
  absl::StatusOr<Revision> answer;
  store_->Barrier([&](absl::StatusOr<Revision> revision) { answer = revision; });
  executor_.RunReady();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, Revision(1));
}

TEST_F(EmbeddedStoreTest, VersionsAreThoseAboveARevisionOldestFirst) {
  Commit({PutAt("a", "1", 0)});
  Commit({PutAt("a", "2", 1)});
  Commit({DeleteAt("a", 2)});
  Commit({PutAt("a", "4", 0), PutAt("a2", "x", 0)});
  EXPECT_THAT(VersionsOf("a"), ElementsAre("1=1", "2=2", "4=4"));
  EXPECT_THAT(VersionsOf("a", 2), ElementsAre("4=4"));
  EXPECT_THAT(VersionsOf("nothing"), IsEmpty());
}

TEST_F(EmbeddedStoreTest, OpenedAgainItIsTheSameStoreAndGoesOn) {
  const StoreId id = store_->id();
  Commit({PutAt("a", "1", 0)});
  Reopen();
  EXPECT_EQ(store_->id(), id);
  EXPECT_THAT(Load(), ElementsAre("a@1=1", "1"));
  EXPECT_THAT(Commit({PutAt("a", "2", 1)}), ElementsAre("2"));
}

TEST_F(EmbeddedStoreTest, TwoNewStoresDiffer) {
  MemoryRecordStore other;
  auto store = EmbeddedStore::Open(other, executor_, executor_, clock_, random_);
  ASSERT_TRUE(store.ok());
  EXPECT_NE((*store)->id(), store_->id());
}

TEST_F(EmbeddedStoreTest, DataOfANewerFormatIsRefusedWithAdvice) {
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat + 1));
  ASSERT_TRUE(disk_.Write(batch).ok());
  const auto opened = EmbeddedStore::Open(disk_, executor_, executor_, clock_, random_);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(opened.status().message()),
              ::testing::AllOf(::testing::HasSubstr("memory holds data of format 4"),
                               ::testing::HasSubstr("start the version that wrote it")));
}

TEST_F(EmbeddedStoreTest, WhatIsNotRunBeforeItsEndIsNeverAnswered) {
  Submit({PutAt("a", "1", 0)});
  store_.reset();
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::store
