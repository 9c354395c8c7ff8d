// Deadlines, undecided evictions, restarts, outages and pauses.
#include <algorithm>

#include "tests/unit/health/eviction_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(EvictionTest, ComesOneTtlAfterTheLastHeartbeatAndNotBefore) {
  Start();
  const auto client = Join("a");
  AdvanceBy(absl::Seconds(1));
  client->Beat();
  client->Break();
  AdvanceBy(kTtl - absl::Milliseconds(1));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  AdvanceBy(kTick + absl::Milliseconds(1));
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
  EXPECT_THAT(evidence_, HasSubstr("last heartbeat 9"));
  EXPECT_THAT(evidence_, HasSubstr("its stream ended: the connection was lost"));
  EXPECT_EQ(table_->counters().evictions_total, 1u);
  EXPECT_EQ(table_->counters().sessions, 0u);
}

TEST_F(EvictionTest, ASilentClientIsToldWhenItIsEvicted) {
  Start();
  const auto client = Join("a");
  AdvanceBy(kTtl + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_EXPIRED);
  EXPECT_TRUE(client->stream->closed()->ok());
}

TEST_F(EvictionTest, ASessionThatNeverOpensAStreamExpires) {
  Start();
  Register("a");
  AdvanceBy(kTtl + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
  EXPECT_THAT(evidence_, HasSubstr("no heartbeat"));
}

TEST_F(EvictionTest, HeartbeatsAreNotAcknowledgedWhileItIsUndecided) {
  Start();
  const auto client = Join("a");
  AdvanceBy(kTtl - kTick);
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(3 * kTick);
  EXPECT_EQ(TakeCommits().back(), "END a EXPIRED");
  client->Beat(9, true);
  executor_.RunReady();
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
  EXPECT_THAT(TakeCommits(), IsEmpty());
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_EXPIRED);
}

TEST_F(EvictionTest, OneThatCannotBeDecidedIsWithdrawnAndTheTtlGrantedAgain) {
  Start();
  const auto client = Join("a");
  AdvanceBy(kTtl - kTick);
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(3 * kTick);
  TakeCommits();
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::UnavailableError("the store is away"));
  AdvanceBy(kTtl - 2 * kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(4 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(EvictionTest, AHeartbeatThatCameBeforeAWithdrawalCountsAndIsAcknowledged) {
  Start();
  const auto client = Join("a");
  AdvanceBy(kTtl - kTick);
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(3 * kTick);
  TakeCommits();
  client->Beat(9);
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::UnavailableError("the store is away"));
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ack().sequence(), 9u);
  EXPECT_THAT(TakeCommits(), ElementsAre("RENEW a RENEWED"));
}

TEST_F(EvictionTest, AnOpenDuringAnUndecidedEvictionWaitsForItsOutcome) {
  for (const bool evicted : {true, false}) {
    Start();
    const std::string name = evicted ? "evicted" : "withdrawn";
    const SessionId id = Register(name);
    AdvanceBy(kTtl - kTick);
    registry_.set_store(FakeRegistry::Store::kSilent);
    AdvanceBy(3 * kTick);
    ASSERT_EQ(TakeCommits().back(), "END " + name + " EXPIRED");
    const auto client = Connect(id);
    EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
    registry_.set_store(FakeRegistry::Store::kWorks);
    registry_.Settle(evicted ? absl::OkStatus() : absl::UnavailableError("away"));
    AdvanceBy(kTick);
    const auto sent = client->stream->TakeSent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].has_ended(), evicted);
    EXPECT_EQ(sent[0].has_opened(), !evicted);
    MakeTable({});
    TakeCommits();
  }
}

// They are submitted in parts, so that others need not wait for all of them.
TEST_F(EvictionTest, AHeartbeatCountsUntilItsOwnSessionsEvictionIsSubmitted) {
  v1::EvictionBrake brake;
  brake.set_enabled(false);
  registry_.set_brake(brake);
  Start();
  const int fleet = static_cast<int>(Evictions::kAtOnce) + 1;
  JoinFleet(fleet);
  bool beaten = false;
  registry_.set_changed([&](const SessionId& id, SessionState state, v1::Cause cause) {
    table_->OnSessionChanged(id, state, cause);
    if (state != internal::v1::SESSION_STATE_ENDED || std::exchange(beaten, true)) return;
    fleet_.back()->Beat();
  });
  AdvanceBy(kTtl + 5 * kTick);
  EXPECT_EQ(Count(TakeCommits(), "END"), fleet - 1);
  EXPECT_EQ(StateOf(SessionId(absl::StrCat("p", fleet - 1))), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(EvictionTest, OnlySoManyAreUndecidedAtATimeAndTheOthersHeartbeatsCount) {
  v1::EvictionBrake brake;
  brake.set_enabled(false);
  registry_.set_brake(brake);
  Start();
  const int under_way = static_cast<int>(Evictions::kUnderWay);
  JoinFleet(under_way + 20);
  AdvanceBy(kTtl - kTick);
  TakeCommits();
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(5 * kTick);
  EXPECT_EQ(Count(TakeCommits(), "END"), under_way);
  registry_.set_store(FakeRegistry::Store::kWorks);
  fleet_.back()->Beat();
  registry_.Settle(absl::OkStatus());
  AdvanceBy(5 * kTick);
  EXPECT_EQ(Count(TakeCommits(), "END"), 19);
  EXPECT_EQ(StateOf(SessionId(absl::StrCat("p", under_way + 19))),
            internal::v1::SESSION_STATE_LIVE);
}

TEST_F(EvictionTest, ARestartGivesEveryoneTheFullTtl) {
  registry_.AddSession(SessionId("live"), "s", kTtl);
  registry_.AddSession(SessionId("suspect"), "s", kTtl, internal::v1::SESSION_STATE_SUSPECT);
  registry_.AddSession(SessionId("ended"), "s", kTtl, internal::v1::SESSION_STATE_ENDED);
  AdvanceBy(absl::Hours(1));
  Start();
  EXPECT_EQ(table_->counters().sessions, 2u);
  EXPECT_EQ(table_->counters().suspect, 1u);
  AdvanceBy(kTtl - kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT live BEAT_OVERDUE"));
  EXPECT_THAT(evidence_, HasSubstr("since its full TTL was granted"));
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END live EXPIRED", "END suspect EXPIRED"));
}

TEST_F(EvictionTest, WhileTheStoreIsAwayNoDeadlineAdvances) {
  Start();
  const auto client = Join("a");
  client->Break();
  AdvanceBy(kTtl - absl::Seconds(1));
  TakeCommits();
  table_->SetStoreReachable(false);
  AdvanceBy(absl::Hours(2));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetStoreReachable(true);
  AdvanceBy(kTtl - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty()) << "the full TTL again";
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(EvictionTest, APausedNodeEvictsNobody) {
  Start();
  JoinFleet(20);
  for (auto& client : fleet_) KeepBeating(*client, absl::Minutes(1));
  AdvanceBy(absl::Seconds(2));
  // SIGSTOP for ten seconds, longer than the TTL; then every timer is late at once, and what the
  // clients sent in the meantime is read.
  clock_.AdvanceBy(absl::Seconds(10));
  executor_.RunReady();
  AdvanceBy(absl::Seconds(30));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(table_->counters().sessions, 20u);
}

TEST_F(EvictionTest, ANodeThatDoesNotHearItselfEvictsNobody) {
  Start();
  const auto client = Join("a");
  AdvanceBy(absl::Seconds(1));
  node_beats_ = false;
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  node_beats_ = true;
  NodeBeats();
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
}

TEST_F(EvictionTest, ManyStreamsOfSeveralHostsThatBreakAtOnceAreNotSuspectedYet) {
  Start();
  for (int i = 0; i < 20; ++i) {
    fleet_.push_back(
        Join(absl::StrCat("p", i), absl::StrCat("ipv4:10.0.0.", i % 4, ":", 5000 + i)));
  }
  for (auto& client : fleet_) client->Break();
  AdvanceBy(kTtl / 3 - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_THAT(events_.suppressed, ElementsAre(20));
  EXPECT_EQ(table_->counters().suppressed_total, 20u);
  const auto back = Connect(SessionId("p0"));
  AdvanceBy(4 * kTick);
  const Commits commits = TakeCommits();
  EXPECT_EQ(Count(commits, "SUSPECT"), 19) << "those that did not come back";
  EXPECT_EQ(Count(commits, "SUSPECT p0 "), 0);
}

TEST_F(EvictionTest, OneHostThatDiesWithAllItsSessionsIsSuspectedAtOnce) {
  Start();
  JoinFleet(20);
  for (auto& client : fleet_) client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_EQ(Count(TakeCommits(), "SUSPECT"), 20);
  EXPECT_THAT(events_.suppressed, IsEmpty());
}

TEST_F(EvictionTest, DrainingSendsEveryoneElsewhereAndSuspectsNobody) {
  Start();
  JoinFleet(10);
  bool drained = false;
  table_->Drain(absl::Seconds(4), {"10.0.0.2:7400"}, [&] { drained = true; });
  const auto late = Connect(SessionId("p0"));
  EXPECT_EQ(late->stream->closed()->code(), absl::StatusCode::kUnavailable);
  AdvanceBy(absl::Seconds(3));
  absl::Duration shortest = absl::InfiniteDuration();
  absl::Duration longest;
  for (auto& client : fleet_) {
    const auto sent = client->stream->TakeSent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_THAT(sent[0].move_to().servers(), ElementsAre("10.0.0.2:7400"));
    const absl::Duration after = absl::Seconds(sent[0].move_to().after().seconds()) +
                                 absl::Nanoseconds(sent[0].move_to().after().nanos());
    shortest = std::min(shortest, after);
    longest = std::max(longest, after);
  }
  EXPECT_GE(shortest, absl::Seconds(1));
  EXPECT_GT(longest - shortest, absl::Seconds(1)) << "spread";
  fleet_[0]->Break();
  EXPECT_FALSE(drained);
  AdvanceBy(absl::Seconds(2));
  EXPECT_TRUE(drained);
  EXPECT_EQ(fleet_[1]->stream->closed()->code(), absl::StatusCode::kUnavailable);
  for (auto& client : fleet_) client->Break();
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(EvictionTest, DrainingEndsWhenTheLastClientHasGone) {
  Start();
  const auto client = Join("a");
  bool drained = false;
  table_->Drain(absl::Minutes(1), {}, [&] { drained = true; });
  client->Leave(v1::KeepAliveRequest::REASON_MOVING);
  client->Break();
  AdvanceBy(kTick);
  EXPECT_TRUE(drained);
}

TEST_F(EvictionTest, FiftyThousandSessionsAreNoLoad) {
  Start();
  constexpr int kSessions = 50'000;
  for (int i = 0; i < kSessions; ++i) {
    const SessionId id(absl::StrCat("p", i));
    registry_.AddSession(id, "s", kTtl);
    table_->OnSessionChanged(id, internal::v1::SESSION_STATE_LIVE, v1::CAUSE_UNSPECIFIED);
  }
  for (int i = 0; i < kSessions; ++i) {
    auto client = std::make_unique<Client>(*table_, "ipv4:10.0.0.1:1");
    client->Open(absl::StrCat("p", i), "s");
    fleet_.push_back(std::move(client));
  }
  executor_.RunReady();
  ASSERT_EQ(table_->counters().connected, static_cast<uint64_t>(kSessions));
  for (int round = 0; round < 10; ++round) {
    AdvanceBy(kTtl / 3);
    for (auto& client : fleet_) client->Beat(round);
  }
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(table_->counters().beats_total, 10u * kSessions);
}

}  // namespace
}  // namespace rollcall::health
