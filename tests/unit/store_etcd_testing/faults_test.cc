// Leases, and what can go wrong.
#include "tests/unit/store_etcd_testing/etcd_fixture.h"

namespace rollcall::etcd {
namespace {

using ::testing::ElementsAre;

class FakeEtcdLeaseTest : public EtcdFixture {};

TEST_F(FakeEtcdLeaseTest, KeysGoWithTheirLease) {
  const int64_t lease = Grant(1);
  ASSERT_TRUE(Txn(TxnOf({PutOp("a", "x", lease), PutOp("b", "x", lease)})).ok());
  executor.AdvanceBy(absl::Milliseconds(1900));
  EXPECT_TRUE(etcd.Get("a")) << "two seconds are the least that is granted";
  executor.AdvanceBy(absl::Milliseconds(600));
  EXPECT_EQ(KeepAlive(lease), 0);
  EXPECT_FALSE(etcd.Get("a"));
  EXPECT_FALSE(etcd.Get("b"));
  EXPECT_EQ(etcd.revision(), 3) << "in one revision";
}

TEST_F(FakeEtcdLeaseTest, RenewingKeepsItAlive) {
  const int64_t lease = Grant(5);
  ASSERT_TRUE(Txn(TxnOf({PutOp("a", "x", lease)})).ok());
  for (int i = 0; i < 10; ++i) {
    executor.AdvanceBy(absl::Seconds(3));
    EXPECT_EQ(KeepAlive(lease), 5);
  }
  EXPECT_TRUE(etcd.Get("a"));
  executor.AdvanceBy(absl::Milliseconds(5500));
  EXPECT_FALSE(etcd.Get("a"));
}

TEST_F(FakeEtcdLeaseTest, AKeyPutWithoutTheLeaseOutlivesIt) {
  const int64_t lease = Grant(5);
  ASSERT_TRUE(Txn(TxnOf({PutOp("a", "x", lease)})).ok());
  etcd.Put("a", "y");
  executor.AdvanceBy(absl::Seconds(6));
  EXPECT_TRUE(etcd.Get("a"));
}

TEST_F(FakeEtcdLeaseTest, WithoutQuorumNoLeaseEndsAndAfterwardsAllBeginAnew) {
  const int64_t lease = Grant(5);
  ASSERT_TRUE(Txn(TxnOf({PutOp("a", "x", lease)})).ok());
  etcd.SetQuorum(false);
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(etcd.Get("a"));
  etcd.SetQuorum(true);
  executor.AdvanceBy(absl::Seconds(5));
  EXPECT_TRUE(etcd.Get("a"));
  executor.AdvanceBy(absl::Seconds(2));
  EXPECT_FALSE(etcd.Get("a"));
}

class FakeEtcdFaultsTest : public EtcdFixture {
 protected:
  absl::StatusCode Put(const std::string& key) { return Txn(TxnOf({PutOp(key)})).status().code(); }
  Heard heard;
};

TEST_F(FakeEtcdFaultsTest, FatesOfTheNextCalls) {
  const struct {
    Fate fate;
    absl::StatusCode code;
    bool carried_out;
  } cases[] = {{Fate::kCutBefore, absl::StatusCode::kUnavailable, false},
               {Fate::kCutAfter, absl::StatusCode::kUnavailable, true},
               {Fate::kLostBefore, absl::StatusCode::kDeadlineExceeded, false},
               {Fate::kLostAfter, absl::StatusCode::kDeadlineExceeded, true},
               {Fate::kBusy, absl::StatusCode::kResourceExhausted, false},
               {Fate::kCarriedOut, absl::StatusCode::kOk, true}};
  for (const auto& c : cases) {
    const std::string key = "k" + std::to_string(static_cast<int>(c.fate));
    node.Next(CallKind::kTxn, c.fate);
    EXPECT_EQ(Put(key), c.code);
    EXPECT_EQ(etcd.Get(key).has_value(), c.carried_out) << key;
  }
}

TEST_F(FakeEtcdFaultsTest, ALateWriteComesAfterItsCallerHasGivenUp) {
  node.Next(CallKind::kTxn, Fate::kLate);
  EXPECT_EQ(Put("a"), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(etcd.Get("a"));
  executor.AdvanceBy(absl::Seconds(5));
  EXPECT_TRUE(etcd.Get("a"));
}

TEST_F(FakeEtcdFaultsTest, WithoutQuorumOnlySerializableReadsAreAnswered) {
  etcd.Put("a", "1");
  etcd.SetQuorum(false);
  EXPECT_EQ(Put("b"), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Range(RangeOf("a")).status().code(), absl::StatusCode::kDeadlineExceeded);
  pb::RangeRequest serializable = RangeOf("a");
  serializable.set_serializable(true);
  EXPECT_EQ(Range(serializable)->kvs_size(), 1);
}

TEST_F(FakeEtcdFaultsTest, AWriteWithoutQuorumIsCarriedOutLaterOrNever) {
  int carried_out = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "k" + std::to_string(i);
    etcd.SetQuorum(false);
    Put(key);
    executor.AdvanceBy(absl::Seconds(10));
    EXPECT_FALSE(etcd.Get(key));
    etcd.SetQuorum(true);
    carried_out += etcd.Get(key) ? 1 : 0;
  }
  EXPECT_GT(carried_out, 3);
  EXPECT_LT(carried_out, 17);
}

TEST_F(FakeEtcdFaultsTest, WithoutQuorumARequestTimesOutByEtcd) {
  etcd.SetQuorum(false);
  std::optional<absl::StatusOr<pb::TxnResponse>> answer;
  node.Txn(TxnOf({PutOp("a")}), absl::Seconds(30), Into(answer));
  executor.AdvanceBy(absl::Seconds(7));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status(), absl::UnavailableError("etcdserver: request timed out"));
}

TEST_F(FakeEtcdFaultsTest, StreamsBreakWhenTheLeaderIsLost) {
  const auto watch = Watch(heard);
  etcd.SetQuorum(false);
  executor.AdvanceBy(absl::Seconds(2));
  EXPECT_FALSE(heard.end);
  executor.AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(heard.end, absl::UnavailableError("etcdserver: no leader"));
  Heard again;
  const auto other = Watch(again);
  EXPECT_TRUE(again.end);
}

TEST_F(FakeEtcdFaultsTest, ASilentNetworkSaysNothingAndLosesNothingIfItEndsInTime) {
  const auto watch = Watch(heard);
  node.SetReach(Reach::kSilent);
  EXPECT_EQ(Put("b"), absl::StatusCode::kDeadlineExceeded);
  etcd.Put("c", "1");
  executor.AdvanceBy(absl::Seconds(5));
  EXPECT_EQ(heard.responses.size(), 1u);
  node.SetReach(Reach::kOpen);
  executor.RunReady();
  EXPECT_THAT(heard.Events(), ElementsAre("c=1@2"));
  node.SetReach(Reach::kSilent);
  executor.AdvanceBy(absl::Seconds(10));
  EXPECT_TRUE(heard.end);
}

TEST_F(FakeEtcdFaultsTest, ARestartUnderASilentNetworkIsHeardOfLater) {
  const auto watch = Watch(heard);
  node.SetReach(Reach::kSilent);
  etcd.Restart();
  executor.RunReady();
  EXPECT_FALSE(heard.end);
  node.SetReach(Reach::kOpen);
  executor.RunReady();
  EXPECT_TRUE(heard.end);
}

TEST_F(FakeEtcdFaultsTest, AOneWayNetworkCarriesOutAndDoesNotAnswer) {
  node.SetReach(Reach::kNoAnswers);
  EXPECT_EQ(Put("b"), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(etcd.Get("b"));
}

TEST_F(FakeEtcdFaultsTest, CutConnectionsEndWatchesAndCalls) {
  const auto watch = Watch(heard);
  std::optional<absl::StatusOr<pb::TxnResponse>> answer;
  Chances slow;
  slow.delay_least = slow.delay_most = absl::Milliseconds(100);
  node.SetChances(slow);
  node.Txn(TxnOf({PutOp("a")}), absl::Seconds(30), Into(answer));
  node.CutConnections();
  executor.AdvanceBy(absl::Milliseconds(100));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(heard.end);
  executor.AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(etcd.Get("a")) << "it was under way";
}

TEST_F(FakeEtcdFaultsTest, MembersThatAreDownTakeQuorumWithThem) {
  etcd.SetMemberUp(0, false);
  EXPECT_EQ(Put("a"), absl::StatusCode::kOk);
  etcd.SetMemberUp(1, false);
  EXPECT_EQ(Put("b"), absl::StatusCode::kDeadlineExceeded);
  std::vector<EtcdApi::MemberStatus> members;
  node.Status(absl::Seconds(1), [&](auto status) { members = std::move(status); });
  executor.AdvanceBy(absl::Seconds(1));
  ASSERT_EQ(members.size(), 3u);
  EXPECT_FALSE(members[0].status.ok());
  EXPECT_TRUE(members[2].status.ok());
  etcd.SetMemberUp(2, false);
  EXPECT_EQ(Put("c"), absl::StatusCode::kUnavailable);
  for (int i = 0; i < 3; ++i) etcd.SetMemberUp(i, true);
  EXPECT_EQ(Put("d"), absl::StatusCode::kOk);
}

TEST_F(FakeEtcdFaultsTest, ACorruptClusterAnswersNothing) {
  pb::AlarmRequest raise;
  raise.set_action(pb::AlarmRequest::ACTIVATE);
  raise.set_alarm(pb::CORRUPT);
  ASSERT_TRUE(etcd.state().Alarm(raise).ok());
  EXPECT_EQ(Put("a"), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Range(RangeOf("a")).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(FakeEtcdFaultsTest, ANodeThatDiesLeavesItsRequestsUnderWay) {
  auto dying = std::make_unique<FakeEtcdClient>(etcd, executor, clock);
  bool answered = false;
  const auto watch = dying->Watch({}, heard);
  dying->Txn(TxnOf({PutOp("a")}), absl::Seconds(1), [&](auto) { answered = true; });
  dying.reset();
  executor.AdvanceBy(absl::Seconds(2));
  EXPECT_FALSE(answered);
  EXPECT_TRUE(heard.responses.empty());
  EXPECT_TRUE(etcd.Get("a"));
}

// The same seed, the same history.
TEST(FakeEtcdDeterminismTest, OneSeedMakesOneHistory) {
  const auto history = [](uint64_t seed) {
    testing::FakeClock clock;
    testing::ManualExecutor executor(clock);
    base::SeededRandom random(seed);
    FakeEtcd etcd(executor, clock, random);
    FakeEtcdClient node(etcd, executor, clock);
    Chances chances{.cut_before = 0.1,
                    .cut_after = 0.1,
                    .lost_before = 0.1,
                    .lost_after = 0.1,
                    .late = 0.1,
                    .busy = 0.1,
                    .delay_most = absl::Milliseconds(200)};
    node.SetChances(chances);
    std::string told;
    for (int i = 0; i < 200; ++i) {
      node.Txn(TxnOf({PutOp("k" + std::to_string(i))}), absl::Seconds(1),
               [&told, i](absl::StatusOr<pb::TxnResponse> answer) {
                 told += std::to_string(i) + answer.status().ToString() +
                         (answer.ok() ? std::to_string(answer->header().revision()) : "") + "\n";
               });
      executor.AdvanceBy(absl::Milliseconds(50));
      if (i == 100) etcd.SetQuorum(false);
      if (i == 150) etcd.SetQuorum(true);
    }
    executor.AdvanceBy(absl::Minutes(1));
    return told + std::to_string(etcd.revision());
  };
  EXPECT_EQ(history(1), history(1));
  EXPECT_NE(history(1), history(2));
}

}  // namespace
}  // namespace rollcall::etcd
