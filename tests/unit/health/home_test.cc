// Which sessions are this node's to judge, and how they come and go.
#include "tests/unit/health/home_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum absl::StatusCode;

TEST_F(HomeTest, ASessionAtHomeElsewhereIsNotJudgedHere) {
  Elsewhere("a");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(Counters().sessions, 0u);
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(HomeTest, AtTheStartOnlyTheSessionsAtHomeHereAreTakenOver) {
  MakeTable({});
  registry_.AddSession(SessionId("mine"), "s", kTtl);
  registry_.AddSession(SessionId("theirs"), "s", kTtl, internal::v1::SESSION_STATE_LIVE, kOther);
  Start();
  EXPECT_EQ(Counters().sessions, 1u);
  AdvanceBy(kTtl + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT mine BEAT_OVERDUE", "END mine EXPIRED"));
}

TEST_F(HomeTest, ASessionThatMovedAwayIsNotSuspectedAndItsStreamIsClosed) {
  const auto client = Join("a");
  registry_.Rehome(SessionId("a"), kOther);
  EXPECT_EQ(ClosedWith(*client), kAborted);
  EXPECT_EQ(Message(*client), "the session moved to another node");
  EXPECT_EQ(Counters().sessions, 0u);
  EXPECT_EQ(Counters().connected, 0u);
  client->Break();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, AMoveThatIsHeardOfWithinTheGatherTimeSuspectsNobody) {
  const auto client = Join("a");
  client->Break();
  registry_.Rehome(SessionId("a"), kOther);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, ASuspicionThatIsUndecidedWhenTheSessionMovesIsForgotten) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  registry_.Rehome(SessionId("a"), kOther);
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::FailedPreconditionError("it has moved"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, AClientThatSaysThatItMovesIsNotSuspectForAThirdOfItsTtl) {
  const auto client = Join("a");
  AdvanceBy(kTtl / 2);  // Its last heartbeat is long ago.
  client->Leave(v1::KeepAliveRequest::REASON_MOVING);
  client->Break();
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(StateOf(SessionId("a")), internal::v1::SESSION_STATE_LIVE);
}

}  // namespace
}  // namespace rollcall::health
