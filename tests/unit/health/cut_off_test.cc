// A node that cannot confirm its presence.
#include "tests/unit/health/home_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum absl::StatusCode;

using CutOffTest = HomeTest;

TEST_F(CutOffTest, WithoutConfirmedPresenceEachStreamIsSentElsewhereOnce) {
  servers_ =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"10.0.0.2:7400"});
  const auto client = Join("a");
  EXPECT_TRUE(table_->store_reachable());
  table_->SetPresenceConfirmed(false);
  EXPECT_FALSE(table_->store_reachable());
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].move_to().servers(), ElementsAre("10.0.0.2:7400"));
  table_->SetPresenceConfirmed(false);
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
  EXPECT_TRUE(client->open());
  client->Beat(4, true);
  EXPECT_THAT(client->stream->TakeSent(), SizeIs(1)) << "it is served";
}

TEST_F(CutOffTest, AStreamThatOpensMeanwhileIsServedAndSentElsewhereToo) {
  const SessionId id = Register("a");
  table_->SetPresenceConfirmed(false);
  const auto client = Connect(id);
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_TRUE(sent[0].has_opened());
  EXPECT_TRUE(sent[1].has_move_to());
}

TEST_F(CutOffTest, WithoutConfirmedPresenceNoSessionIsBroughtHomeHere) {
  const SessionId id = Elsewhere("a");
  table_->SetPresenceConfirmed(false);
  EXPECT_EQ(ClosedWith(*Connect(id)), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetPresenceConfirmed(true);
  EXPECT_TRUE(Opened(*Connect(id)));
}

TEST_F(CutOffTest, WithoutConfirmedPresenceNobodyIsJudgedAndThenAllHaveTheirFullTtl) {
  Register("a");
  AdvanceBy(kTtl * 2 / 3 - kTick);
  table_->SetPresenceConfirmed(false);
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetPresenceConfirmed(true);
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(CutOffTest, AStoreThatCanBeReachedIsNotEnoughToJudge) {
  Register("a");
  table_->SetPresenceConfirmed(false);
  table_->SetStoreReachable(false);
  table_->SetStoreReachable(true);
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(CutOffTest, TheNextTimeTheyAreToldAgain) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  table_->SetPresenceConfirmed(true);
  EXPECT_TRUE(table_->store_reachable());
  table_->SetPresenceConfirmed(false);
  EXPECT_EQ(Moves(*client), 2u);
}

TEST_F(CutOffTest, AClientThatWasSentElsewhereIsNotSuspectWhenItGoes) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  client->Break();
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(CutOffTest, OneThatStayedUntilPresenceWasConfirmedIsSuspectWhenItBreaks) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  table_->SetPresenceConfirmed(true);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
}

TEST_F(CutOffTest, TheStoreCountsAsAwayForClientsWhenItIs) {
  table_->SetStoreReachable(false);
  EXPECT_FALSE(table_->store_reachable());
  table_->SetStoreReachable(true);
  EXPECT_TRUE(table_->store_reachable());
}

}  // namespace
}  // namespace rollcall::health
