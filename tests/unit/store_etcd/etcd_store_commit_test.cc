// What becomes of groups: guards, limits, errors, answers that never came; and versions.
#include "server/store/etcd/testing/errors.h"
#include "tests/unit/store_etcd/etcd_store_fixture.h"

namespace rollcall::etcd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EtcdStoreCommitTest : public EtcdStoreFixture {
 protected:
  explicit EtcdStoreCommitTest(FakeEtcdOptions etcd = {}) : EtcdStoreFixture(etcd) {
    Open();
    Follow();
  }
  static std::vector<store::Transaction> Many(size_t count, size_t bytes = 1) {
    std::vector<store::Transaction> group;
    for (size_t i = 0; i < count; ++i) {
      group.push_back(PutAt(absl::StrCat("s/", i), std::string(bytes, 'x'), 0));
    }
    return group;
  }
  int TxnsOf(std::vector<store::Transaction> group) {
    const int before = client_->calls(CallKind::kTxn);
    Commit(std::move(group));
    return client_->calls(CallKind::kTxn) - before;
  }
};

TEST_F(EtcdStoreCommitTest, AGuardHoldsOnlyAtItsRevision) {
  EXPECT_THAT(Commit({PutAt("a", "1", 0)}), ElementsAre("3"));
  EXPECT_THAT(Commit({PutAt("a", "2", 0)}), ElementsAre("failed a@3=1"));
  EXPECT_THAT(Commit({PutAt("a", "2", 3)}), ElementsAre("4"));
  EXPECT_THAT(Commit({PutAt("b", "2", 9)}), ElementsAre("failed b absent"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreCommitTest, TheTransactionsOfAGroupThatHoldShareOneRevision) {
  Commit({PutAt("b", "old", 0)});
  EXPECT_THAT(Commit({PutAt("a", "1", 0), PutAt("b", "1", 0), PutAt("c", "1", 0)}),
              ElementsAre("4", "failed b@3=old", "4"));
}

TEST_F(EtcdStoreCommitTest, AllGuardsOfAGroupSeeTheStateBeforeIt) {
  store::Transaction first{{{"g", Revision(0)}}, {{"a", "1"}}, {}};
  store::Transaction second{{{"g", Revision(0)}}, {{"b", "1"}}, {}};
  EXPECT_THAT(Commit({first, second}), ElementsAre("3", "3"));
}

TEST_F(EtcdStoreCommitTest, APurgedRecordIsGoneAndMayComeAgain) {
  Commit({PutAt("a", "1", 0)});
  EXPECT_THAT(Commit({DeleteAt("a", 3)}), ElementsAre("4"));
  EXPECT_THAT(follower_.state, IsEmpty());
  EXPECT_THAT(Commit({PutAt("a", "2", 0)}), ElementsAre("5"));
}

TEST_F(EtcdStoreCommitTest, AGroupIsOneTxnAsLongAsEtcdTakesIt) {
  EXPECT_EQ(store_->max_group(), 100u);
  EXPECT_EQ(TxnsOf(Many(100)), 1);
  EXPECT_EQ(TxnsOf(Many(250)), 3);
}

TEST_F(EtcdStoreCommitTest, ALargeGroupGoesOutInPiecesAndIsAnsweredAsOne) {
  EXPECT_THAT(Commit(Many(20, 200 << 10)), SizeIs(20));
  EXPECT_THAT(follower_.state, SizeIs(20));
  EXPECT_GT(client_->calls(CallKind::kTxn), 4);
}

TEST_F(EtcdStoreCommitTest, WhatEtcdCanNeverTakeIsRefusedAndTheOthersPass) {
  std::vector<store::Transaction> group = Many(2);
  group.push_back(PutAt("s/large", std::string(2 << 20, 'x'), 0));
  EXPECT_THAT(Commit(group), ElementsAre("3", "3", "refused INVALID_ARGUMENT"));
}

TEST_F(EtcdStoreCommitTest, AnEmptyGroupIsAnswered) {
  bool answered = false;
  store_->Commit({},
                 [&](const std::vector<store::Outcome>& outcomes) { answered = outcomes.empty(); });
  EXPECT_FALSE(answered);
  executor_.RunReady();
  EXPECT_TRUE(answered);
}

TEST_F(EtcdStoreCommitTest, AnOutcomeThatNobodyKnowsIsSettledByTheSameTransaction) {
  for (const Fate fate : {Fate::kCutBefore, Fate::kLostBefore, Fate::kBusy}) {
    client_->Next(CallKind::kTxn, fate);
    Submit({PutAt("a", "1", 0)});
    AdvanceBy(absl::Seconds(6));
    EXPECT_THAT(TakeOutcomes(), ElementsAre("unknown"));
    EXPECT_EQ(etcd_.Get("/rollcall/a"), std::nullopt);
  }
  const int64_t revision = etcd_.revision();
  client_->Next(CallKind::kTxn, Fate::kLostAfter);
  Submit({PutAt("a", "1", 0)});
  AdvanceBy(absl::Seconds(6));
  EXPECT_THAT(TakeOutcomes(), ElementsAre("unknown"));
  EXPECT_THAT(Commit({PutAt("a", "1", 0)}),
              ElementsAre(absl::StrCat("failed a@", revision + 1, "=1")));
}

TEST_F(EtcdStoreCommitTest, ACommitIsAnsweredInBoundedTimeWithoutQuorum) {
  etcd_.SetQuorum(false);
  Submit({PutAt("a", "1", 0)});
  AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(TakeOutcomes(), ElementsAre("unknown"));
}

TEST_F(EtcdStoreCommitTest, AFullEtcdRefusesWhatPutsAndLetsThroughWhatDeletes) {
  Commit({PutAt("s/old", "1", 0)});
  etcd_.RaiseNoSpace();
  EXPECT_THAT(Commit({PutAt("a", "1", 0), DeleteAt("s/old", 3), PutAt("b", "1", 0)}),
              ElementsAre("refused RESOURCE_EXHAUSTED", "4", "refused RESOURCE_EXHAUSTED"));
  EXPECT_EQ(follower_.state, Truth());
}

TEST_F(EtcdStoreCommitTest, WhatWasWrittenAlthoughEtcdSaysThatItIsFullIsNotRefused) {
  // The Txn that goes over the quota is carried out, and answered as if it were not.
  client_->Next(CallKind::kTxn, Fate::kCutAfter);
  Submit({PutAt("a", "1", 0)});
  executor_.RunReady();
  TakeOutcomes();
  client_->FailNext(CallKind::kTxn, errors::NoSpace());
  EXPECT_THAT(Commit({PutAt("a", "1", 0), PutAt("b", "1", 0), PutAt("a", "2", 0)}),
              ElementsAre("3", "refused RESOURCE_EXHAUSTED", "unknown"));
}

TEST_F(EtcdStoreCommitTest, WhoMayNotWriteHearsThatTheNodeCannot) {
  client_->FailNext(CallKind::kTxn, absl::PermissionDeniedError("etcdserver: permission denied"));
  EXPECT_THAT(Commit({PutAt("a", "1", 0)}), ElementsAre("refused UNAVAILABLE"));
}

TEST_F(EtcdStoreCommitTest, WhatWritesNothingIsAnsweredWithARevisionThatIsTold) {
  Commit({PutAt("a", "1", 0)});
  EXPECT_THAT(Commit({{{{"a", Revision(3)}}, {}, {}}}), ElementsAre("3"));
  etcd_.Put("/elsewhere", "1");
  Submit({{{{"a", Revision(3)}}, {}, {}}});
  AdvanceBy(absl::Milliseconds(100));
  EXPECT_THAT(TakeOutcomes(), ElementsAre("5"));
  EXPECT_EQ(follower_.told, Revision(5));
}

TEST_F(EtcdStoreCommitTest, AnswersThatComeAfterTheStoreIsGoneAreLost) {
  client_->SetChances(
      {.delay_least = absl::Milliseconds(10), .delay_most = absl::Milliseconds(20)});
  Submit({PutAt("a", "1", 0)});
  AskBarrier();
  store_->Versions("a", Revision(0), [](const auto&) { ADD_FAILURE() << "answered"; });
  store_.reset();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeOutcomes(), IsEmpty());
  EXPECT_THAT(TakeBarriers(), IsEmpty());
  EXPECT_EQ(client_->watches(), 0);
}

TEST_F(EtcdStoreCommitTest, VersionsAreToldFromTheOldestOn) {
  Commit({PutAt("a", "1", 0)});
  Commit({PutAt("a", "2", 3)});
  Commit({PutAt("b", "1", 0)});
  Commit({PutAt("a", "3", 4)});
  EXPECT_THAT(VersionsOf("a"), ElementsAre("3=1", "4=2", "6=3"));
  EXPECT_THAT(VersionsOf("a", 3), ElementsAre("4=2", "6=3"));
  EXPECT_THAT(VersionsOf("a", 6), IsEmpty());
  EXPECT_THAT(VersionsOf("nothing"), IsEmpty());
}

TEST_F(EtcdStoreCommitTest, VersionsThatAreNotKeptAreMissedOnlyWhereThereWereAny) {
  Commit({PutAt("a", "1", 0)});
  Commit({PutAt("a", "2", 3)});
  Commit({PutAt("b", "1", 0)});
  ASSERT_TRUE(etcd_.Compact(5).ok());
  EXPECT_THAT(VersionsOf("a"), ElementsAre("OUT_OF_RANGE"));
  EXPECT_THAT(VersionsOf("a", 3), ElementsAre("4=2"));
  EXPECT_THAT(VersionsOf("b"), ElementsAre("5=1"));
}

class EtcdStoreSmallLimitsTest : public EtcdStoreCommitTest {
 protected:
  EtcdStoreSmallLimitsTest() : EtcdStoreCommitTest(SmallLimits()) {}
  static FakeEtcdOptions SmallLimits() {
    FakeEtcdOptions options;
    options.state.max_txn_ops = 16;
    return options;
  }
};

TEST_F(EtcdStoreSmallLimitsTest, AGroupThatIsTooMuchForEtcdGoesOutInHalves) {
  const std::vector<std::string> outcomes = Commit(Many(100));
  EXPECT_THAT(outcomes, SizeIs(100));
  EXPECT_THAT(follower_.state, SizeIs(100));
}

}  // namespace
}  // namespace rollcall::etcd
