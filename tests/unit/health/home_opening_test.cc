// Streams that open here for a session that is at home elsewhere, or that is not known.
#include "tests/unit/health/home_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum absl::StatusCode;

using HomeOpeningTest = HomeTest;

TEST_F(HomeOpeningTest, AStreamThatOpensHereBringsTheSessionHomeBeforeItIsAnswered) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  EXPECT_THAT(evidence_, HasSubstr("ipv4:10.0.0.1"));
  EXPECT_FALSE(Opened(*client));
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_TRUE(Opened(*client));
  EXPECT_TRUE(client->open());
  EXPECT_EQ(Counters().sessions, 1u);
  EXPECT_EQ(Counters().connected, 1u);
}

TEST_F(HomeOpeningTest, ASuspectSessionThatComesHomeIsLiveByThatAlone) {
  const SessionId id = Elsewhere("a", internal::v1::SESSION_STATE_SUSPECT);
  const auto client = Connect(id);
  EXPECT_TRUE(Opened(*client));
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  EXPECT_EQ(StateOf(id), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(HomeOpeningTest, ASessionThatComesHomeHasItsFullTtl) {
  const SessionId id = Elsewhere("a");
  AdvanceBy(absl::Minutes(5));
  const auto client = Connect(id);
  TakeCommits();
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(HomeOpeningTest, OneThatComesHomeWithoutItsStreamHasItsFullTtlToo) {
  Elsewhere("a");
  AdvanceBy(absl::Minutes(5));
  registry_.Rehome(SessionId("a"), FakeRegistry::kNode);
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
}

TEST_F(HomeOpeningTest, OpeningAgainWhereItIsAtHomeMovesNothing) {
  const auto client = Connect(Elsewhere("a"));
  TakeCommits();
  const auto again = Connect(SessionId("a"));
  EXPECT_TRUE(Opened(*again));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeOpeningTest, OfSeveralStreamsThatWaitForTheMoveTheNewestStays) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto older = Connect(id);
  const auto newer = Connect(id);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(*older), kAborted);
  EXPECT_TRUE(newer->open());
  EXPECT_TRUE(Opened(*newer));
  EXPECT_EQ(Counters().connected, 1u);
}

TEST_F(HomeOpeningTest, AMoveThatIsNotDecidedInTimeLeavesTheClientWhereItIs) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  AdvanceBy(kRevisionWait - kTick);
  EXPECT_TRUE(client->open());
  AdvanceBy(2 * kTick);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(Message(*client), HasSubstr("node-2"));
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_FALSE(Opened(*client));
}

TEST_F(HomeOpeningTest, AMoveThatCannotBeCommittedLeavesTheClientWhereItIs) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kAway);
  const auto client = Connect(id);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(Message(*client), HasSubstr("the store is away"));
}

TEST_F(HomeOpeningTest, WhileTheStoreIsAwayNothingIsMoved) {
  const SessionId id = Elsewhere("a");
  table_->SetStoreReachable(false);
  const auto client = Connect(id);
  AdvanceBy(kRevisionWait + kTick);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeOpeningTest, ASessionThatEndsWhileItIsMovedIsToldItsCause) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  registry_.Move(id, internal::v1::SESSION_STATE_ENDED, v1::CAUSE_DEREGISTERED);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_DEREGISTERED);
  EXPECT_EQ(ClosedWith(*client), kOk);
}

TEST_F(HomeOpeningTest, AWrongSecretMovesNothing) {
  Elsewhere("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", "guess");
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(client), kPermissionDenied);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeOpeningTest, StreamsThatWaitForAMoveCountAgainstTheLimit) {
  MakeTable({.max_streams = 2});
  Start();
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto a = Connect(Elsewhere("a"));
  const auto b = Connect(Elsewhere("b"));
  const auto c = Connect(Elsewhere("c"));
  EXPECT_TRUE(b->open());
  EXPECT_EQ(ClosedWith(*c), kResourceExhausted);
}

// What is not known.

TEST_F(HomeOpeningTest, AnUnknownSessionIsDeniedOnlyAfterALookAtAllThatWasAcknowledged) {
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(SessionId("a"));
  EXPECT_THAT(TakeCommits(), ElementsAre("CONFIRM"));
  EXPECT_TRUE(client->open());
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_SESSION_UNKNOWN);
}

TEST_F(HomeOpeningTest, ASessionThatIsFoundByThatLookIsServed) {
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(SessionId("a"));
  Register("a");
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_TRUE(Opened(*client));
}

TEST_F(HomeOpeningTest, ALookThatFailsDeniesNobody) {
  registry_.set_store(FakeRegistry::Store::kAway);
  const auto client = Connect(SessionId("a"));
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
}

TEST_F(HomeOpeningTest, ANodeThatIsNotReadyDeniesAndMovesNobodyButServesItsOwn) {
  const SessionId mine = Register("mine");
  const SessionId theirs = Elsewhere("theirs");
  table_->SetReady(false);
  const auto known = Connect(mine);
  const auto elsewhere = Connect(theirs);
  const auto unknown = Connect(SessionId("nobody"));
  EXPECT_TRUE(Opened(*known));
  EXPECT_EQ(ClosedWith(*elsewhere), kUnavailable);
  EXPECT_EQ(ClosedWith(*unknown), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetReady(true);
  EXPECT_TRUE(Opened(*Connect(theirs)));
}

}  // namespace
}  // namespace rollcall::health
