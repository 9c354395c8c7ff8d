// A disk that is full, and one that loses power.
#include "tests/unit/store_embedded/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;

class EmbeddedStoreFailureTest : public StoreFixture {};

TEST_F(EmbeddedStoreFailureTest, AFullDiskRefusesAndGoesOnWhenThereIsRoom) {
  Commit({PutAt("a", "1", 0)});
  disk_.SetCapacity(disk_.bytes());
  EXPECT_THAT(Commit({PutAt("a", "2", 1), PutAt("a2", "x", 9)}),
              ElementsAre("refused RESOURCE_EXHAUSTED", "failed a2 absent"));
  EXPECT_THAT(Load(), ElementsAre("a@1=1", "1"));
  disk_.SetCapacity(disk_.bytes() + 10000);
  EXPECT_THAT(Commit({PutAt("a", "2", 1)}), ElementsAre("2"));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "2"));
}

TEST_F(EmbeddedStoreFailureTest, ARefusedGroupMakesNoChangeSet) {
  WatchFrom(0);
  executor_.RunReady();
  disk_.SetCapacity(disk_.bytes());
  EXPECT_THAT(Commit({PutAt("a", "1", 0)}), ElementsAre("refused RESOURCE_EXHAUSTED"));
}

TEST_F(EmbeddedStoreFailureTest, AGroupBehindARefusedOneIsDecidedOnWhatReallyStands) {
  Commit({PutAt("a", "1", 0)});
  disk_.SetCapacity(disk_.bytes() + 300);
  Submit({PutAt("a", std::string(10000, 'x'), 1)});
  Submit({PutAt("a", "2", 1)});
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("refused RESOURCE_EXHAUSTED", "2"));
}

TEST_F(EmbeddedStoreFailureTest, WhatWasAcknowledgedSurvivesACrash) {
  Commit({PutAt("a", "1", 0)});
  disk_.Crash();
  Submit({PutAt("b", "1", 0)});
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("unknown"));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("a@1=1", "1"));
}

TEST_F(EmbeddedStoreFailureTest, AWriteCutOffByACrashIsUnknownAndWholeOrAbsent) {
  Commit({PutAt("a", "1", 0)});
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kKept);
  EXPECT_THAT(Commit({PutAt("a", "2", 1), PutAt("b", "2", 0)}), ElementsAre("unknown", "unknown"));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "b@2=2", "2"));
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kLost);
  EXPECT_THAT(Commit({PutAt("a", "3", 2)}), ElementsAre("unknown"));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "b@2=2", "2"));
}

TEST_F(EmbeddedStoreFailureTest, AfterAFailureNothingIsDecidedUntilOpenedAgain) {
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kKept);
  Commit({PutAt("a", "1", 0)});
  disk_.Reopen();  // The disk is back, but this store cannot know what is on it.
  EXPECT_THAT(Commit({PutAt("a", "2", 0)}), ElementsAre("unknown"));
  absl::StatusOr<Revision> barrier;
  store_->Barrier([&](absl::StatusOr<Revision> revision) { barrier = revision; });
  executor_.RunReady();
  EXPECT_EQ(barrier.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(EmbeddedStoreFailureTest, SubmittingAnUnknownTransactionAgainSettlesIt) {
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kKept);
  EXPECT_THAT(Commit({PutAt("a", "mine", 0)}), ElementsAre("unknown"));
  Reopen();
  EXPECT_THAT(Commit({PutAt("a", "mine", 0)}), ElementsAre("failed a@1=mine"));
  EXPECT_THAT(VersionsOf("a"), ElementsAre("1=mine"));
}

}  // namespace
}  // namespace rollcall::store
