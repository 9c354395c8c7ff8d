// How a store is found or made in etcd, and what keeps a process with the one that it opened.
#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "server/store/etcd/testing/errors.h"
#include "tests/unit/store_etcd/etcd_store_fixture.h"

namespace rollcall::etcd {
namespace {

using internal::v1::StoreRecord;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum absl::StatusCode;

class EtcdStoreOpenTest : public EtcdStoreFixture {
 protected:
  void PutStoreRecord(StoreRecord::State state, uint32_t format = kStoreFormat) {
    StoreRecord record;
    record.set_store_id("there");
    record.set_format(format);
    record.set_state(state);
    etcd_.Put("/rollcall/c/store", record.SerializeAsString());
  }
  void Fails(absl::StatusCode code, const std::string& words) {
    StartOpening();
    executor_.RunReady();
    EXPECT_EQ(opened_.code(), code) << opened_;
    EXPECT_THAT(std::string(opened_.message()), HasSubstr(words));
    EXPECT_EQ(store_, nullptr);
  }
};

TEST_F(EtcdStoreOpenTest, WhereThereIsNoneAStoreIsMade) {
  Open();
  EXPECT_THAT(store_->id().value(), SizeIs(32));
  StoreRecord record;
  ASSERT_TRUE(record.ParseFromString(etcd_.Get("/rollcall/c/store")->value()));
  EXPECT_EQ(record.store_id(), store_->id().value());
  EXPECT_EQ(record.state(), StoreRecord::STATE_READY);
}

TEST_F(EtcdStoreOpenTest, WhoComesLaterFindsTheSameStore) {
  Open();
  const StoreId id = store_->id();
  Restart();
  EXPECT_EQ(store_->id(), id);
}

TEST_F(EtcdStoreOpenTest, WhoStartsAtTheSameTimeGetsTheSameStore) {
  FakeEtcdClient other(etcd_, executor_, clock_);
  std::unique_ptr<EtcdStore> others;
  const auto opening = EtcdStore::Open(
      other, executor_, clock_, random_, options_,
      [&](absl::StatusOr<std::unique_ptr<EtcdStore>> opened) { others = *std::move(opened); });
  Open();
  ASSERT_NE(others, nullptr);
  EXPECT_EQ(others->id(), store_->id());
}

TEST_F(EtcdStoreOpenTest, AStoreThatThisProgramMayNotTouchIsNotOpened) {
  PutStoreRecord(StoreRecord::STATE_READY, kStoreFormat + 1);
  Fails(kFailedPrecondition, "format");
  etcd_.Put("/rollcall/c/store", "somebody else's");
  Fails(kFailedPrecondition, "prefix");
}

TEST_F(EtcdStoreOpenTest, ARestoreThatIsUnderWayIsWaitedFor) {
  std::string said;
  options_.on_waiting = [&](const absl::Status& why, absl::Duration) { said = why.ToString(); };
  PutStoreRecord(StoreRecord::STATE_RESTORING);
  StartOpening();
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(store_, nullptr);
  EXPECT_THAT(said, ::testing::HasSubstr("rollcall restore FILE --force"));
  PutStoreRecord(StoreRecord::STATE_READY);
  AdvanceBy(absl::Seconds(3));
  EXPECT_NE(store_, nullptr);
}

TEST_F(EtcdStoreOpenTest, WhatWaitingWillNotMendIsSaidAtOnce) {
  client_->FailNext(CallKind::kRange, absl::PermissionDeniedError("etcdserver: permission denied"));
  Fails(kPermissionDenied, "permission denied");
}

TEST_F(EtcdStoreOpenTest, ItWaitsForEtcdAsLongAsItTakesAndSaysSo) {
  std::vector<absl::Duration> waits;
  options_.on_waiting = [&](const absl::Status& why, absl::Duration waited) {
    EXPECT_EQ(why.code(), kUnavailable);
    waits.push_back(waited);
  };
  client_->SetReach(Reach::kRefused);
  StartOpening();
  AdvanceBy(absl::Seconds(16));
  EXPECT_THAT(waits, ElementsAre(absl::Seconds(5), absl::Seconds(10), absl::Seconds(15)));
  client_->SetReach(Reach::kOpen);
  AdvanceBy(absl::Seconds(3));
  EXPECT_NE(store_, nullptr);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(waits, SizeIs(3));
}

TEST_F(EtcdStoreOpenTest, AStoreWhoseMakingWasNotAnsweredIsFoundAgain) {
  client_->Next(CallKind::kTxn, Fate::kLostAfter);
  StartOpening();
  AdvanceBy(absl::Seconds(10));
  ASSERT_NE(store_, nullptr);
  EXPECT_EQ(etcd_.Get("/rollcall/c/store")->version(), 1);
}

TEST_F(EtcdStoreOpenTest, AnOpeningThatIsGivenUpSaysNothing) {
  client_->SetReach(Reach::kRefused);
  StartOpening();
  AdvanceBy(absl::Seconds(1));
  opening_.reset();
  client_->SetReach(Reach::kOpen);
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(store_, nullptr);
  EXPECT_TRUE(opened_.ok());
}

TEST_F(EtcdStoreOpenTest, AStoreThatIsReplacedTellsNothingMore) {
  Open();
  Follow();
  OtherPuts("s/a", "1");
  follower_.TakeLog();
  PutStoreRecord(StoreRecord::STATE_RESTORING);
  etcd_.Put("/rollcall/s/a", "the other store's");
  executor_.RunReady();
  ASSERT_THAT(replaced_, SizeIs(1));
  EXPECT_EQ(replaced_[0].code(), kFailedPrecondition);
  EXPECT_THAT(follower_.TakeLog(), ElementsAre("interrupted"));
  EXPECT_THAT(Commit({PutAt("b", "1", 0)}), ElementsAre("refused FAILED_PRECONDITION"));
  AskBarrier();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeBarriers(), ElementsAre("UNAVAILABLE"));
  EXPECT_THAT(replaced_, SizeIs(1));
  EXPECT_THAT(follower_.log, IsEmpty());
}

TEST_F(EtcdStoreOpenTest, ACommitFindsOutThatTheStoreWasReplaced) {
  Open();
  Follow();
  client_->HoldWatches(true);
  PutStoreRecord(StoreRecord::STATE_READY);
  EXPECT_THAT(Commit({PutAt("a", "1", 0), PutAt("b", "1", 0)}),
              ElementsAre("refused FAILED_PRECONDITION", "refused FAILED_PRECONDITION"));
  EXPECT_THAT(replaced_, SizeIs(1));
  EXPECT_EQ(etcd_.Get("/rollcall/a"), std::nullopt);
}

TEST_F(EtcdStoreOpenTest, AnIdleNodeFindsOutThatTheStoreWasReplaced) {
  Open();
  PutStoreRecord(StoreRecord::STATE_READY);
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(replaced_, SizeIs(1));
}

TEST_F(EtcdStoreOpenTest, AnEtcdThatHasGoneBackIsAnotherStore) {
  Open();
  Follow(100);
  ASSERT_THAT(replaced_, SizeIs(1));
  EXPECT_THAT(std::string(replaced_[0].message()), HasSubstr("100"));
  EXPECT_THAT(follower_.log, ElementsAre("interrupted"));
}

TEST_F(EtcdStoreOpenTest, TheAgeIsThatOfTheLastCertainty) {
  Open();
  EXPECT_EQ(store_->age(), absl::ZeroDuration());
  for (int i = 0; i < 100; ++i) {
    AdvanceBy(absl::Milliseconds(70));
    EXPECT_LE(store_->age(), absl::Milliseconds(300));
  }
  const int reads = client_->calls(CallKind::kRange);
  AdvanceBy(absl::Seconds(3));
  EXPECT_LE(client_->calls(CallKind::kRange) - reads, 11);
  client_->SetReach(Reach::kSilent);
  AdvanceBy(absl::Seconds(10));
  EXPECT_GE(store_->age(), absl::Seconds(9));
  client_->SetReach(Reach::kOpen);
  AdvanceBy(absl::Seconds(2));
  EXPECT_LE(store_->age(), absl::Milliseconds(300));
}

TEST_F(EtcdStoreOpenTest, WithoutQuorumTheAgeGrowsAndHealsWithIt) {
  Open();
  etcd_.SetQuorum(false);
  AdvanceBy(absl::Seconds(5));
  EXPECT_GE(store_->age(), absl::Seconds(4));
  etcd_.SetQuorum(true);
  AdvanceBy(absl::Seconds(2));
  EXPECT_LE(store_->age(), absl::Seconds(1));
}

}  // namespace
}  // namespace rollcall::etcd
