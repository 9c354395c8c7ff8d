// Heartbeats, their acknowledgements, suspicion, renewal, and leaving.
#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HeartbeatTest : public SessionTableTest {
 protected:
  void SetUp() override { Start(); }
  std::vector<uint64_t> Acks(Client& client) {
    std::vector<uint64_t> acks;
    for (const auto& sent : client.stream->TakeSent()) {
      if (sent.has_ack()) acks.push_back(sent.ack().sequence());
    }
    return acks;
  }
};

TEST_F(HeartbeatTest, KeepsASessionAliveForEver) {
  const auto client = Join("a");
  KeepBeating(*client, absl::Hours(1));
  AdvanceBy(absl::Hours(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_TRUE(client->open());
  EXPECT_EQ(table_->counters().beats_total, 1201u);
}

TEST_F(HeartbeatTest, IsHandledWithoutAPost) {
  const auto client = Join("a");
  const size_t pending = executor_.pending();
  client->Beat(1, true);
  EXPECT_EQ(executor_.pending(), pending);
  EXPECT_THAT(Acks(*client), ElementsAre(1));
}

TEST_F(HeartbeatTest, IsAcknowledgedSparselyButOncePerTtl) {
  const auto client = Join("a");
  std::vector<uint64_t> acks;
  for (uint64_t sequence = 1; sequence <= 9; ++sequence) {
    AdvanceBy(kTtl / 3);
    client->Beat(sequence);
    for (const uint64_t ack : Acks(*client)) acks.push_back(ack);
  }
  EXPECT_THAT(acks, ElementsAre(2, 4, 6, 8));
}

TEST_F(HeartbeatTest, IsAcknowledgedWhenAsked) {
  const auto client = Join("a");
  client->Beat(1);
  client->Beat(2, true);
  EXPECT_THAT(Acks(*client), ElementsAre(2));
}

TEST_F(HeartbeatTest, OverdueByTwoThirdsOfTheTtlIsSuspect) {
  const auto client = Join("a");
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  EXPECT_THAT(evidence_, HasSubstr("last heartbeat 6.0"));
  EXPECT_THAT(evidence_, HasSubstr("TTL of 9s"));
  EXPECT_THAT(evidence_, HasSubstr("open but silent"));
  EXPECT_EQ(table_->counters().suspect, 1u);
}

TEST_F(HeartbeatTest, RenewsASuspectSession) {
  const auto client = Join("a");
  AdvanceBy(kTtl * 2 / 3 + 2 * kTick);
  TakeCommits();
  client->Beat(5, true);
  EXPECT_THAT(Acks(*client), ElementsAre(5));
  client->Beat(6);
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("RENEW a RENEWED"));
  EXPECT_THAT(evidence_, HasSubstr("ipv4:10.0.0.1"));
  EXPECT_EQ(StateOf(SessionId("a")), internal::v1::SESSION_STATE_LIVE);
  EXPECT_EQ(table_->counters().suspect, 0u);
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty()) << "the clock starts anew";
}

TEST_F(HeartbeatTest, ARenewalThatFailedIsTriedWithTheNextHeartbeat) {
  const auto client = Join("a");
  AdvanceBy(kTtl * 2 / 3 + 2 * kTick);
  registry_.set_store(FakeRegistry::Store::kAway);
  client->Beat();
  executor_.RunReady();
  registry_.set_store(FakeRegistry::Store::kWorks);
  TakeCommits();
  client->Beat();
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("RENEW a RENEWED"));
}

TEST_F(HeartbeatTest, OneThatComesWhileTheSuspicionIsCommittedRenews) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(kTtl * 2 / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  client->Beat();
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("RENEW a RENEWED"));
}

TEST_F(HeartbeatTest, ABrokenStreamIsSuspectWithinMilliseconds) {
  const auto client = Join("a");
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  EXPECT_THAT(evidence_, HasSubstr("its stream ended: the connection was lost"));
}

TEST_F(HeartbeatTest, AStreamThatIsOpenedAgainAtOnceSuspectsNobody) {
  const auto client = Join("a");
  client->Break();
  const auto back = Connect(SessionId("a"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HeartbeatTest, ABreakIsForgottenWhenTheClientCameBackAndThenMovedOn) {
  const auto client = Join("a");
  client->Break();
  const auto back = Connect(SessionId("a"));
  back->Leave(v1::KeepAliveRequest::REASON_MOVING);
  back->Break();
  AdvanceBy(kTtl / 2);  // The judgement of the first stream's break is among this.
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HeartbeatTest, ABreakDoesNotKeepAClientThatCameBackAndStoppedFromLeaving) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  client->Break();
  const auto back = Connect(SessionId("a"));
  back->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  back->Break();
  AdvanceBy(SuspicionCollector::kGather);
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("LEAVE a LEAVING", "END a DEREGISTERED"));
}

TEST_F(HeartbeatTest, ASuspicionThatIsTriedAgainSparesAClientThatCameBackAndThenMovedOn) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kAway);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  registry_.set_store(FakeRegistry::Store::kWorks);
  const auto back = Connect(SessionId("a"));
  back->Leave(v1::KeepAliveRequest::REASON_MOVING);
  back->Break();
  AdvanceBy(Verdicts::kRetry + kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HeartbeatTest, OpeningASuspectSessionAnswersAtOnceAndRenews) {
  const auto client = Join("a");
  client->Break();
  AdvanceBy(absl::Seconds(1));
  TakeCommits();
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto back = Connect(SessionId("a"));
  const auto sent = back->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent[0].has_opened());
  EXPECT_THAT(TakeCommits(), ElementsAre("RENEW a RENEWED"));
}

TEST_F(HeartbeatTest, OpeningWhileTheSuspicionIsCommittedRenews) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  const auto back = Connect(SessionId("a"));
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN", "RENEW a RENEWED"));
}

TEST_F(HeartbeatTest, ASuspicionThatCouldNotBeCommittedIsTriedAgain) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kAway);
  client->Break();
  AdvanceBy(absl::Milliseconds(500));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  registry_.set_store(FakeRegistry::Store::kWorks);
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  EXPECT_EQ(StateOf(SessionId("a")), internal::v1::SESSION_STATE_SUSPECT);
}

TEST_F(HeartbeatTest, AClientThatMovesIsNotSuspectButItsDeadlineRuns) {
  const auto client = Join("a");
  client->Leave(v1::KeepAliveRequest::REASON_MOVING);
  client->Break();
  AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
  EXPECT_THAT(evidence_, HasSubstr("the client moved"));
}

TEST_F(HeartbeatTest, AClientThatStopsDrainsAndItsStreamsEndDeregistersIt) {
  const auto client = Join("a");
  client->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("LEAVE a LEAVING"));
  KeepBeating(*client, absl::Minutes(1));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty()) << "it may take its time";
  client->Break();
  AdvanceBy(kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a DEREGISTERED"));
  EXPECT_EQ(table_->counters().sessions, 0u);
}

TEST_F(HeartbeatTest, AStopWhoseStreamEndsBeforeItIsCommittedDeregisters) {
  const auto client = Join("a");
  client->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  client->Break();
  AdvanceBy(kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("LEAVE a LEAVING", "END a DEREGISTERED"));
}

TEST_F(HeartbeatTest, AStopThatCouldNotBeCommittedIsTriedAgain) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kAway);
  client->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  client->Break();
  AdvanceBy(absl::Seconds(1));
  registry_.set_store(FakeRegistry::Store::kWorks);
  TakeCommits();
  AdvanceBy(absl::Seconds(2));
  EXPECT_THAT(TakeCommits(), ElementsAre("END a DEREGISTERED"));
}

TEST_F(HeartbeatTest, ASessionThatLeavesAndGoesSilentExpires) {
  const auto client = Join("a");
  client->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  AdvanceBy(2 * kTtl);
  EXPECT_THAT(TakeCommits(),
              ElementsAre("LEAVE a LEAVING", "SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
}

TEST_F(HeartbeatTest, ASessionThatLeavesAndIsRenewedLeavesStill) {
  const auto client = Join("a");
  client->Leave(v1::KeepAliveRequest::REASON_STOPPING);
  AdvanceBy(kTtl * 2 / 3 + 2 * kTick);
  client->Beat();
  executor_.RunReady();
  EXPECT_THAT(TakeCommits(), ElementsAre("LEAVE a LEAVING", "SUSPECT a BEAT_OVERDUE",
                                         "RENEW a RENEWED", "LEAVE a LEAVING"));
}

TEST_F(HeartbeatTest, NewsOfTheSessionReachItsStream) {
  const auto client = Join("a");
  const InstanceName name{{"default", "billing"}, "billing-101"};
  table_->OnSuperseded(SessionId("a"), name, LeaseEpoch(77));
  registry_.AddInstance(SessionId("a"), "orders", "a");
  table_->OnHeldChanged(SessionId("a"));
  table_->OnHeldChanged(SessionId("a"));
  AdvanceBy(kTick);
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(2)) << "held instances are told once per tick";
  EXPECT_EQ(sent[0].superseded().key().id(), "billing-101");
  EXPECT_EQ(sent[0].superseded().lease_epoch(), 77u);
  EXPECT_EQ(sent[1].held().instances_size(), 2);
  EXPECT_TRUE(client->open());
}

TEST_F(HeartbeatTest, ASessionEndedByOthersIsToldWhy) {
  const auto client = Join("a");
  registry_.Move(SessionId("a"), internal::v1::SESSION_STATE_ENDED, v1::CAUSE_DEREGISTERED);
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_DEREGISTERED);
  EXPECT_TRUE(client->stream->closed()->ok());
  EXPECT_EQ(table_->counters().sessions, 0u);
}

TEST_F(HeartbeatTest, OperatorsSeeASession) {
  const auto client = Join("a", "ipv4:10.0.0.9:4242");
  AdvanceBy(absl::Seconds(2));
  const auto info = table_->Info(SessionId("a"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state(), "live");
  EXPECT_EQ(info->peer(), "ipv4:10.0.0.9:4242");
  EXPECT_EQ(info->client_name(), "test@host");
  EXPECT_EQ(info->ttl().seconds(), 9);
  EXPECT_EQ(info->since_beat().seconds(), 2);
  EXPECT_TRUE(info->connected());
  EXPECT_EQ(info->instances(), 1u);
  EXPECT_FALSE(table_->Info(SessionId("nobody")));
}

}  // namespace
}  // namespace rollcall::health
