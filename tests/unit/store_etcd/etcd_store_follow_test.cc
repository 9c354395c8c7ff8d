// How a store is followed: loading, going on, and healing whatever comes between.
#include "server/store/etcd/testing/errors.h"
#include "tests/unit/store_etcd/etcd_store_fixture.h"

namespace rollcall::etcd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EtcdStoreFollowTest : public EtcdStoreFixture {
 protected:
  explicit EtcdStoreFollowTest(FakeEtcdOptions etcd = {}) : EtcdStoreFixture(etcd) {}

  void OpenAndFollow() {
    Open();
    Follow();
    follower_.TakeLog();
  }
  void Away(absl::Duration d) {
    client_->SetReach(Reach::kRefused);
    AdvanceBy(d);
  }
  void Back() {
    client_->SetReach(Reach::kOpen);
    AdvanceBy(absl::Seconds(5));
    EXPECT_TRUE(follower_.caught_up);
    EXPECT_EQ(follower_.state, Truth());
  }
};

TEST_F(EtcdStoreFollowTest, WhoKnowsNothingIsToldWhatStandsAndThenWhatChanges) {
  Open();
  OtherPuts("s/a", "1");
  Follow();
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("snapshot 3", "caught up"));
  OtherPuts("s/b", "2");
  OtherDeletes("s/a");
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("4: s/b=2", "5: s/a=<gone>"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, ALoadIsOfOneRevisionHoweverManyPagesItTakes) {
  options_.paging = {.page = 3, .largest_page = 3};
  Open();
  for (int i = 10; i < 40; ++i) OtherPuts(absl::StrCat("s/", i), "old");
  const int64_t revision = etcd_.revision();
  client_->SetChances(
      {.delay_least = absl::Milliseconds(10), .delay_most = absl::Milliseconds(10)});
  std::map<std::string, std::string> before = Truth();
  std::map<std::string, std::string> loaded;
  ASSERT_TRUE(store_->Follow(Revision(0), follower_).ok());
  AdvanceBy(absl::Milliseconds(45));
  for (int i = 20; i < 60; ++i) OtherPuts(absl::StrCat("s/", i), "new");
  while (follower_.log.empty()) AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(follower_.state, before);
  EXPECT_THAT(follower_.log, ElementsAre(absl::StrCat("snapshot ", revision)));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(follower_.state, Truth());
  EXPECT_TRUE(follower_.caught_up);
}

TEST_F(EtcdStoreFollowTest, ALoadGoesOnWhereItFailed) {
  options_.paging = {.page = 3, .largest_page = 3};
  Open();
  for (int i = 10; i < 40; ++i) OtherPuts(absl::StrCat("s/", i), "old");
  const int reads = client_->calls(CallKind::kRange);
  for (int i = 0; i < 5; ++i) client_->Next(CallKind::kRange, Fate::kCarriedOut);
  client_->Next(CallKind::kRange, Fate::kCutBefore);
  Follow();
  AdvanceBy(absl::Milliseconds(200));
  EXPECT_TRUE(follower_.caught_up);
  EXPECT_EQ(follower_.state, Truth());
  // One key before the instances, 30 behind in 10 pages and a smaller one after the failure, no
  // instance; one page that failed, and two reads to know that it has caught up.
  EXPECT_EQ(client_->calls(CallKind::kRange) - reads, 1 + 11 + 1 + 1 + 2);
}

// etcd counts what the whole rest of a span holds, for each page.
TEST_F(EtcdStoreFollowTest, PagesGrowAndAreToldInPartsOfTheSizeOfTheFirst) {
  options_.paging = {.page = 2, .largest_page = 40};
  Open();
  for (int i = 100; i < 250; ++i) OtherPuts(absl::StrCat("s/", i), "value");
  const int reads = client_->calls(CallKind::kRange);
  Follow();
  EXPECT_TRUE(follower_.caught_up);
  EXPECT_EQ(follower_.state, Truth());
  EXPECT_EQ(follower_.largest_part, 2u);
  // One key before the instances, behind them pages of 8, 32, 40, 40 and the rest, no instance, and
  // two reads to know that it has caught up.
  EXPECT_EQ(client_->calls(CallKind::kRange) - reads, 1 + 5 + 1 + 2);
}

TEST_F(EtcdStoreFollowTest, PagesHoldAsManyRecordsAsFitAndFewerAfterAFailure) {
  options_.paging = {.page = 16, .largest_page = 1000, .page_bytes = 16 * 107};
  Open();
  for (int i = 100; i < 180; ++i) OtherPuts(absl::StrCat("s/", i), std::string(100, 'x'));
  const int reads = client_->calls(CallKind::kRange);
  for (int i = 0; i < 2; ++i) client_->Next(CallKind::kRange, Fate::kCarriedOut);
  client_->Next(CallKind::kRange, Fate::kCutBefore);
  Follow();
  AdvanceBy(absl::Milliseconds(200));
  EXPECT_TRUE(follower_.caught_up);
  EXPECT_EQ(follower_.state, Truth());
  // 16, the one that failed, 4, 15 or 16 at a time: 80 in all.
  EXPECT_EQ(client_->calls(CallKind::kRange) - reads, 1 + 1 + 1 + 1 + 4 + 1 + 2);
}

TEST_F(EtcdStoreFollowTest, ALoadThatIsOvertakenByCompactionBeginsAnew) {
  options_.paging = {.page = 3, .largest_page = 3};
  Open();
  for (int i = 10; i < 40; ++i) OtherPuts(absl::StrCat("s/", i), "old");
  client_->SetChances(
      {.delay_least = absl::Milliseconds(10), .delay_most = absl::Milliseconds(10)});
  ASSERT_TRUE(store_->Follow(Revision(0), follower_).ok());
  AdvanceBy(absl::Milliseconds(45));
  const int64_t revision = OtherPuts("s/50", "new");
  ASSERT_TRUE(etcd_.Compact(revision).ok());
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(follower_.log, ElementsAre(absl::StrCat("snapshot ", revision), "caught up"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, WhoKnowsARevisionIsToldLeasedKeysOfItAndTheChangesSince) {
  OpenAndFollow();
  OtherPuts("n/node-1", "here");
  OtherPuts("e/sweeper", "node-1");
  const int64_t known = OtherPuts("s/a", "1");
  follower_.state.erase("n/node-1");
  follower_.state.erase("e/sweeper");
  Restart();
  OtherPuts("s/a", "2");
  OtherDeletes("n/node-1");
  follower_.TakeLog();
  Follow(known);
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("leased e/sweeper=node-1 n/node-1=here", "6: s/a=2",
                                               "7: n/node-1=<gone>", "caught up"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, WhatIsNotKeptSinceIsToldAnew) {
  OpenAndFollow();
  const int64_t known = OtherPuts("s/a", "1");
  Restart();
  OtherPuts("s/b", "1");
  ASSERT_TRUE(etcd_.Compact(OtherDeletes("s/a")).ok());
  follower_.TakeLog();
  Follow(known);
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("snapshot 5", "caught up"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, ABreakThatHealsAtOnceIsNoInterruption) {
  OpenAndFollow();
  for (int i = 0; i < 20; ++i) {
    client_->CutWatches(errors::NoLeader());
    OtherPuts("s/a", absl::StrCat(i));
    AdvanceBy(absl::Milliseconds(100));
    EXPECT_EQ(follower_.state, Truth());
  }
  EXPECT_THAT(follower_.log, SizeIs(20));
  EXPECT_TRUE(follower_.caught_up);
}

TEST_F(EtcdStoreFollowTest, ALongerOneIsAndTheChangesSinceAreTold) {
  OpenAndFollow();
  Away(absl::Seconds(2));
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("interrupted"));
  OtherPuts("s/a", "1");
  OtherPuts("s/b", "1");
  Back();
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("3: s/a=1", "4: s/b=1", "caught up"));
}

TEST_F(EtcdStoreFollowTest, CompactionWhileAwayLeadsToALoad) {
  OpenAndFollow();
  OtherPuts("s/a", "1");
  Away(absl::Seconds(10));
  OtherPuts("s/b", "1");
  OtherDeletes("s/a");
  ASSERT_TRUE(etcd_.Compact(OtherPuts("s/c", "1")).ok());
  follower_.TakeLog();
  Back();
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("snapshot 6", "caught up"));
}

TEST_F(EtcdStoreFollowTest, ADeletionLostAtTheCompactedRevisionIsNoticed) {
  OpenAndFollow();
  OtherPuts("s/a", "1");
  Away(absl::Seconds(10));
  // etcd takes a watch from this revision on, and says nothing of the deletion.
  ASSERT_TRUE(etcd_.Compact(OtherDeletes("s/a")).ok());
  OtherPuts("s/b", "1");
  Back();
  EXPECT_THAT(follower_.log, Contains("snapshot 5"));
}

TEST_F(EtcdStoreFollowTest, AWatchThatTellsNothingOfACommitIsOpenedAgain) {
  OpenAndFollow();
  client_->HoldWatches(true);
  const int watches = client_->calls(CallKind::kWatch);
  Commit({PutAt("s/a", "1", 0)});
  AdvanceBy(absl::Seconds(4));
  EXPECT_EQ(client_->calls(CallKind::kWatch), watches);
  AdvanceBy(absl::Milliseconds(1100));
  EXPECT_EQ(client_->calls(CallKind::kWatch), watches + 1);
  client_->HoldWatches(false);
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(follower_.state, Truth());
  EXPECT_TRUE(follower_.caught_up);
}

TEST_F(EtcdStoreFollowTest, AWatchThatIsNeverMadeIsOpenedAgain) {
  Open();
  client_->Next(CallKind::kWatch, Fate::kLostBefore);
  Follow();
  EXPECT_THAT(follower_.log, ElementsAre("snapshot 2"));
  AdvanceBy(absl::Seconds(4));
  EXPECT_EQ(client_->calls(CallKind::kWatch), 1);
  AdvanceBy(absl::Milliseconds(1100));
  EXPECT_EQ(client_->calls(CallKind::kWatch), 2);
  EXPECT_TRUE(follower_.caught_up);
}

TEST_F(EtcdStoreFollowTest, AnIdleNodeNoticesThatItsWatchTellsNothing) {
  OpenAndFollow();
  AdvanceBy(absl::Seconds(1));
  client_->HoldWatches(true);
  OtherPuts("s/a", "1");
  const int watches = client_->calls(CallKind::kWatch);
  AdvanceBy(absl::Seconds(12));
  EXPECT_GT(client_->calls(CallKind::kWatch), watches);
  client_->HoldWatches(false);
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, WhatOthersWriteInEtcdCostsOneBarrierAtMost) {
  OpenAndFollow();
  etcd_.Put("/elsewhere", "1");
  const int64_t revision = etcd_.revision();
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(etcd_.revision(), revision + 1);
  EXPECT_EQ(client_->calls(CallKind::kWatch), 1);
  EXPECT_EQ(follower_.told, Revision(static_cast<uint64_t>(revision + 1)));
}

TEST_F(EtcdStoreFollowTest, ProgressOfAnIdleWatchMovesTheRevision) {
  options_.probe.every = absl::Hours(10);
  OpenAndFollow();
  const auto elsewhere = static_cast<uint64_t>(etcd_.Put("/elsewhere", "1"));
  AdvanceBy(absl::Minutes(25));
  EXPECT_THAT(follower_.TakeLog(), ElementsAre(absl::StrCat(elsewhere, ":")));
}

TEST_F(EtcdStoreFollowTest, AFollowerThatDoubtsIsToldEverythingAnew) {
  OpenAndFollow();
  OtherPuts("s/a", "1");
  follower_.TakeLog();
  store_->Reload();
  EXPECT_THAT(follower_.log, IsEmpty());
  executor_.RunReady();
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("interrupted", "snapshot 3", "caught up"));
  OtherPuts("s/b", "1");
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreFollowTest, AFollowerMayDoubtInTheMidstOfAChange) {
  OpenAndFollow();
  follower_.on_change = [&] {
    follower_.on_change = nullptr;
    store_->Reload();
  };
  OtherPuts("s/a", "1");
  EXPECT_THAT(follower_.TakeLog(),
              ElementsAre("3: s/a=1", "interrupted", "snapshot 3", "caught up"));
}

TEST_F(EtcdStoreFollowTest, ABarrierIsAnsweredAtOnceByAWatchThatIsUpToDate) {
  OpenAndFollow();
  OtherPuts("s/a", "1");
  AskBarrier();
  EXPECT_THAT(barriers_, IsEmpty());
  executor_.RunReady();
  EXPECT_THAT(TakeBarriers(), ElementsAre("3"));
  EXPECT_EQ(etcd_.writes(), 1);  // The store's record.
}

TEST_F(EtcdStoreFollowTest, ABarrierBehindWhatOthersWriteIsAKeyOfOurOwn) {
  OpenAndFollow();
  etcd_.Put("/elsewhere", "1");
  AskBarrier();
  AdvanceBy(absl::Milliseconds(49));
  EXPECT_THAT(barriers_, IsEmpty());
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_THAT(TakeBarriers(), ElementsAre("4"));
  EXPECT_EQ(follower_.told, Revision(4));
}

TEST_F(EtcdStoreFollowTest, ABarrierWaitsForAWatchThatIsALittleBehind) {
  OpenAndFollow();
  client_->HoldWatches(true);
  OtherPuts("s/a", "1");
  AskBarrier();
  AdvanceBy(absl::Milliseconds(20));
  EXPECT_THAT(barriers_, IsEmpty());
  client_->HoldWatches(false);
  executor_.RunReady();
  EXPECT_THAT(TakeBarriers(), ElementsAre("3"));
}

TEST_F(EtcdStoreFollowTest, ThoseWhoAskForABarrierShareReadsAndWrites) {
  OpenAndFollow();
  etcd_.Put("/elsewhere", "1");
  client_->SetChances({.delay_least = absl::Milliseconds(5), .delay_most = absl::Milliseconds(5)});
  const int reads = client_->calls(CallKind::kRange);
  const int txns = client_->calls(CallKind::kTxn);
  for (int i = 0; i < 100; ++i) AskBarrier();
  AdvanceBy(absl::Milliseconds(1));
  for (int i = 0; i < 100; ++i) AskBarrier();
  AdvanceBy(absl::Milliseconds(100));
  EXPECT_THAT(barriers_, SizeIs(200));
  EXPECT_LE(client_->calls(CallKind::kRange) - reads, 3);
  EXPECT_EQ(client_->calls(CallKind::kTxn) - txns, 1);
}

TEST_F(EtcdStoreFollowTest, ABarrierIsRefusedInBoundedTimeWhenEtcdCannotBeAsked) {
  OpenAndFollow();
  client_->SetReach(Reach::kSilent);
  AskBarrier();
  AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(TakeBarriers(), ElementsAre("UNAVAILABLE"));
}

TEST_F(EtcdStoreFollowTest, ABarrierNeedsNoSpace) {
  OpenAndFollow();
  etcd_.Put("/elsewhere", "1");
  etcd_.RaiseNoSpace();
  AskBarrier();
  AdvanceBy(absl::Milliseconds(60));
  EXPECT_THAT(TakeBarriers(), ElementsAre("4"));
}

class EtcdStoreFragmentsTest : public EtcdStoreFollowTest {
 protected:
  EtcdStoreFragmentsTest() : EtcdStoreFollowTest(SmallFragments()) {}
  static FakeEtcdOptions SmallFragments() {
    FakeEtcdOptions options;
    options.fragment_bytes = 500;
    return options;
  }
};

TEST_F(EtcdStoreFragmentsTest, RevisionsThatComeInPiecesAreToldWhole) {
  OpenAndFollow();
  Away(absl::Seconds(2));
  FakeEtcdClient other(etcd_, executor_, clock_);
  for (int i = 0; i < 20; ++i) {
    pb::TxnRequest txn;
    for (int j = 0; j < 10; ++j) {
      pb::PutRequest& put = *txn.add_success()->mutable_request_put();
      put.set_key(absl::StrCat("/rollcall/s/", j));
      put.set_value(std::string(100, static_cast<char>('a' + i)));
    }
    other.Txn(txn, absl::Seconds(1), [](const auto&) {});
    executor_.RunReady();
  }
  // Whenever a change has been told, the ten keys are alike.
  int changes = 0;
  follower_.on_change = [&] {
    ++changes;
    for (const auto& [key, value] : follower_.state) {
      EXPECT_EQ(value, follower_.state.begin()->second);
    }
    EXPECT_THAT(follower_.state, SizeIs(10));
  };
  Back();
  EXPECT_EQ(changes, 20);
}

TEST_F(EtcdStoreFragmentsTest, AWatchCutInTheMidstOfARevisionTellsItOnceAndWhole) {
  OpenAndFollow();
  client_->SetChances({.delay_least = absl::ZeroDuration(), .delay_most = absl::Milliseconds(9)});
  for (int i = 0; i < 50; ++i) {
    Submit({PutAt(absl::StrCat("s/", i), std::string(900, 'x'), 0),
            PutAt(absl::StrCat("i/", i), std::string(900, 'y'), 0)});
    AdvanceBy(absl::Milliseconds(random_.Below(12)));
    if (i % 3 == 0) client_->CutWatches(errors::ConnectionCut());
  }
  AdvanceBy(absl::Seconds(10));
  EXPECT_TRUE(follower_.caught_up);
  EXPECT_EQ(follower_.state, Truth());
  EXPECT_THAT(follower_.state, SizeIs(100));
}

}  // namespace
}  // namespace rollcall::etcd
