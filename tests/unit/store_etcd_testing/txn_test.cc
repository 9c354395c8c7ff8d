// Transactions, as measured against etcd 3.4.23.
#include "tests/unit/store_etcd_testing/etcd_fixture.h"

namespace rollcall::etcd {
namespace {

class FakeEtcdTxnTest : public EtcdFixture {
 protected:
  // `n` nested Txns with one guard and `puts` puts each.
  static pb::TxnRequest Group(int n, int puts) {
    pb::TxnRequest group;
    for (int i = 0; i < n; ++i) {
      const std::string key = "k" + std::to_string(i) + "_";
      pb::TxnRequest one = TxnOf({}, {ModIs(key + "0", 0)}, {RangeOp(key + "0")});
      for (int j = 0; j < puts; ++j) *one.add_success() = PutOp(key + std::to_string(j));
      *group.add_success() = Nested(one);
    }
    return group;
  }
};

TEST_F(FakeEtcdTxnTest, BeginsAtRevisionOne) {
  EXPECT_EQ(Range(RangeOf("a"))->header().revision(), 1);
}

TEST_F(FakeEtcdTxnTest, NestedTxnsShareOneRevisionAndFailEachOnItsOwn) {
  etcd.Put("taken", "by another");
  const auto done =
      Txn(TxnOf({Nested(TxnOf({PutOp("free")}, {ModIs("free", 0)})),
                 Nested(TxnOf({PutOp("taken")}, {ModIs("taken", 0)}, {RangeOp("taken")}))}));
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->header().revision(), 3);
  EXPECT_TRUE(done->responses(0).response_txn().succeeded());
  const pb::TxnResponse& lost = done->responses(1).response_txn();
  EXPECT_FALSE(lost.succeeded());
  EXPECT_EQ(lost.responses(0).response_range().kvs(0).value(), "by another");
  EXPECT_EQ(lost.header().revision(), 0) << "etcd leaves nested headers empty";
  EXPECT_EQ(etcd.Get("free")->mod_revision(), 3);
}

TEST_F(FakeEtcdTxnTest, AllComparesAreEvaluatedBeforeAnyPut) {
  const auto done = Txn(TxnOf({Nested(TxnOf({PutOp("session")}, {ModIs("session", 0)})),
                               Nested(TxnOf({PutOp("instance")}, {ModIs("session", 2)}))}));
  EXPECT_FALSE(done->responses(1).response_txn().succeeded());
}

TEST_F(FakeEtcdTxnTest, OperationsAreLimitedAcrossLevels) {
  EXPECT_TRUE(Txn(Group(127, 1)).ok());
  EXPECT_TRUE(Txn(Group(126, 2)).ok());
  EXPECT_TRUE(Txn(Group(100, 28)).ok());
  for (const auto& [n, puts] : {std::pair(128, 1), {127, 2}, {100, 29}}) {
    EXPECT_EQ(Txn(Group(n, puts)).status(),
              absl::InvalidArgumentError("etcdserver: too many operations in txn request"))
        << n << " " << puts;
  }
}

TEST_F(FakeEtcdTxnTest, AKeyMayBeWrittenOnce) {
  const auto duplicate =
      absl::InvalidArgumentError("etcdserver: duplicate key given in txn request");
  EXPECT_EQ(Txn(TxnOf({PutOp("q"), PutOp("q")})).status(), duplicate);
  EXPECT_EQ(Txn(TxnOf({PutOp("q"), DeleteOp("q")})).status(), duplicate);
  EXPECT_EQ(Txn(TxnOf({Nested(TxnOf({PutOp("q")})), Nested(TxnOf({PutOp("q")}))})).status(),
            duplicate);
  EXPECT_EQ(Txn(TxnOf({DeleteOp("a", "z"), Nested(TxnOf({PutOp("q")}))})).status(), duplicate);
  EXPECT_TRUE(Txn(TxnOf({DeleteOp("q"), DeleteOp("q")})).ok());
  EXPECT_TRUE(Txn(TxnOf({Nested(TxnOf({PutOp("q")}, {}, {PutOp("q")}))})).ok());
}

TEST_F(FakeEtcdTxnTest, ReadsInATxnSeeItsPuts) {
  etcd.Put("p", "1");
  const auto done = Txn(TxnOf({RangeOp("q"), PutOp("q"), RangeOp("q")}));
  EXPECT_EQ(done->responses(0).response_range().kvs_size(), 0);
  EXPECT_EQ(done->responses(0).response_range().header().revision(), 2);
  EXPECT_EQ(done->responses(2).response_range().kvs(0).mod_revision(), 3);
}

TEST_F(FakeEtcdTxnTest, ATxnThatWritesNothingMakesNoRevision) {
  etcd.Put("p", "1");
  EXPECT_EQ(Txn(TxnOf({DeleteOp("nobody"), RangeOp("p")}))->header().revision(), 2);
}

TEST_F(FakeEtcdTxnTest, ComparesOfAMissingKey) {
  const auto holds = [&](pb::Compare compare) { return Txn(TxnOf({}, {compare}))->succeeded(); };
  pb::Compare value;
  value.set_key("none");
  value.set_target(pb::Compare::VALUE);
  value.set_result(pb::Compare::NOT_EQUAL);
  value.set_value("x");
  EXPECT_FALSE(holds(value));
  pb::Compare less = ModIs("none", 5);
  less.set_result(pb::Compare::LESS);
  EXPECT_TRUE(holds(less));
  EXPECT_TRUE(holds(ModIs("none", 0)));
}

TEST_F(FakeEtcdTxnTest, KeysHaveVersionsSinceTheyWereMade) {
  etcd.Put("p", "1");
  etcd.Put("p", "2");
  EXPECT_EQ(etcd.Get("p")->version(), 2);
  EXPECT_EQ(etcd.Get("p")->create_revision(), 2);
  etcd.Delete("p");
  etcd.Put("p", "3");
  EXPECT_EQ(etcd.Get("p")->version(), 1);
  EXPECT_EQ(etcd.Get("p")->create_revision(), 5);
}

TEST_F(FakeEtcdTxnTest, AnUnknownLeaseRefusesTheWholeTxnIfItsBranchIsTaken) {
  EXPECT_EQ(Txn(TxnOf({PutOp("p"), PutOp("q", "x", 77)})).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(etcd.Get("p"));
  EXPECT_TRUE(Txn(TxnOf({PutOp("p")}, {}, {PutOp("q", "x", 77)})).ok());
}

TEST_F(FakeEtcdTxnTest, LargeRequestsAreRefused) {
  EXPECT_EQ(Txn(TxnOf({PutOp("p", std::string(1'650'000, 'y'))})).status(),
            absl::InvalidArgumentError("etcdserver: request is too large"));
  EXPECT_EQ(Txn(TxnOf({PutOp("p", std::string(3'200'000, 'y'))})).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Txn(TxnOf({PutOp("p", std::string(1'500'000, 'y'))})).ok());
}

TEST_F(FakeEtcdTxnTest, AFullDatabaseRefusesPutsButNotThoseOfNestedTxns) {
  const auto full = absl::ResourceExhaustedError("etcdserver: mvcc: database space exceeded");
  etcd.state().set_quota(1000);
  EXPECT_TRUE(Txn(TxnOf({PutOp("p", std::string(1000, 'y'))})).ok());
  EXPECT_EQ(Txn(TxnOf({PutOp("q")})).status(), full);
  EXPECT_TRUE(etcd.state().alarmed(pb::NOSPACE));
  EXPECT_EQ(Txn(TxnOf({PutOp("q")}, {ModIs("q", 99)})).status(), full);
  EXPECT_EQ(Txn(TxnOf({}, {}, {PutOp("q")})).status(), full);
  EXPECT_EQ(Grant(5), 0);
  EXPECT_TRUE(Txn(TxnOf({Nested(TxnOf({PutOp("q")}))})).ok());
  EXPECT_TRUE(Txn(TxnOf({DeleteOp("p")})).ok());
}

TEST_F(FakeEtcdTxnTest, SpaceComesBackByCompactionDefragmentationAndDisarming) {
  etcd.state().set_quota(1000);
  etcd.Put("p", std::string(1000, 'y'));
  etcd.Delete("p");
  etcd.RaiseNoSpace();
  ASSERT_TRUE(etcd.Compact(3).ok());
  EXPECT_GT(etcd.state().db_size(), 1000);
  etcd.state().Defragment();
  EXPECT_LT(etcd.state().db_size(), 1000);
  EXPECT_FALSE(Txn(TxnOf({PutOp("q")})).ok());
  pb::AlarmRequest disarm;
  disarm.set_action(pb::AlarmRequest::DEACTIVATE);
  disarm.set_alarm(pb::NOSPACE);
  disarm.set_memberid(EtcdState::kMemberId);
  std::optional<absl::StatusOr<pb::AlarmResponse>> answer;
  node.Alarm(disarm, absl::Seconds(1), Into(answer));
  executor.RunReady();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)->alarms(0).alarm(), pb::NOSPACE);
  EXPECT_TRUE(Txn(TxnOf({PutOp("q")})).ok());
}

}  // namespace
}  // namespace rollcall::etcd
