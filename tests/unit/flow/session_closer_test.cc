#include "server/flow/session_closer.h"

#include "server/model/keys.h"
#include "tests/unit/flow/flow_fixture.h"

namespace rollcall::flow {
namespace {

using enum absl::StatusCode;

TEST_F(FlowTest, ASessionEndsTogetherWithItsInstances) {
  RegisterMany("s1", 3);
  const Revision before = catalog_->applied();
  const testing::Hearing heard = End("s1");
  EXPECT_TRUE(heard->ok());
  EXPECT_EQ(instances_at_end_, 0u);
  EXPECT_EQ(catalog_->applied(), Revision(before.value() + 1));
  EXPECT_EQ(catalog_->Session(SessionId("s1"))->stamp().cause(), v1::CAUSE_EXPIRED);
  const auto snapshot = views_->Find({"default", "web"});
  ASSERT_EQ(snapshot->by_revision.size(), 3u);
  EXPECT_EQ(snapshot->by_revision[0]->LastStamp().cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(snapshot->by_revision[0]->LastStamp().evidence(), "silent for 10s");
}

TEST_F(FlowTest, TheEndOfALargeSessionIsDecidedFirstAndTheInstancesFollow) {
  RegisterMany("s1", 120);
  const testing::Hearing heard = End("s1");
  EXPECT_TRUE(heard->ok());
  EXPECT_EQ(instances_at_end_, 120u);
  EXPECT_EQ(catalog_->instance_count(), 0u);
}

TEST_F(FlowTest, BetweenTheEndAndTheRemovalAnInstanceIsAtBestSuspect) {
  RegisterMany("s1", 60);
  store_->Next(Fate::kThrough);
  store_->Next(Fate::kHeld);
  End("s1");
  EXPECT_EQ(views_->Find({"default", "web"})->counts[v1::STANDING_SUSPECT], 60u);
}

// From when it is submitted until its outcome is known, no heartbeat is acknowledged; so nobody may
// be told that it was withdrawn while it may yet happen.
TEST_F(FlowTest, AnEndIsAnsweredOnlyWhenItsOutcomeIsKnown) {
  RegisterMany("s1", 1);
  store_->Next(Fate::kHeld);
  const testing::Hearing heard = End("s1");
  AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(heard->answer) << heard->message();
  store_->Release();
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(catalog_->instance_count(), 0u);
}

TEST_F(FlowTest, AnEndThatCouldNotBeSubmittedForLongIsWithdrawn) {
  RegisterMany("s1", 1);
  store_->Next(Fate::kHeld);
  const auto renewed = Submit(std::make_shared<command::MoveSession>(
      SessionId("s1"), internal::v1::SESSION_STATE_SUSPECT, command::Reason{}, NodeId("node-1")));
  Settle();
  const testing::Hearing heard = End("s1");
  AdvanceBy(absl::Seconds(20));
  store_->Release();
  Settle();
  EXPECT_TRUE(renewed->ok());
  EXPECT_TRUE(heard->answer && !heard->ok()) << heard->message();
  EXPECT_EQ(catalog_->SessionStateOf(SessionId("s1")), internal::v1::SESSION_STATE_SUSPECT);
}

TEST_F(FlowTest, ASessionThatTheOwnerDeregisteredIsNotEndedAgain) {
  RegisterMany("s1", 1);
  Move("s1", internal::v1::SESSION_STATE_ENDED);
  const Revision before = catalog_->Session(SessionId("s1")).revision;
  EXPECT_TRUE(End("s1")->ok());
  EXPECT_EQ(catalog_->Session(SessionId("s1")).revision, before);
  EXPECT_EQ(End("nobody")->code(), kNotFound);
}

TEST_F(FlowTest, DeregisteringALargeSessionAnswersWhenAllIsGone) {
  RegisterMany("s1", 120);
  auto heard = std::make_shared<testing::Heard>();
  closer_.Deregister(
      std::make_shared<command::Deregister>(command::SessionProof{SessionId("s1"), "s1-secret"},
                                            std::vector<InstanceName>{}, true,
                                            command::Reason{v1::CAUSE_DEREGISTERED, "owner", ""}),
      SessionId("s1"), clock_.Steady() + absl::Seconds(5), [&](absl::StatusOr<Revision> answer) {
        heard->answer = std::move(answer);
        instances_at_end_ = catalog_->instance_count();
      });
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(instances_at_end_, 0u);
  EXPECT_EQ(heard->revision(), catalog_->applied().value());
}

TEST_F(FlowTest, WhatACrashLeftBehindIsSweptLater) {
  RegisterMany("s1", 2);
  RegisterMany("s2", 2);  // Takes both over.
  RegisterMany("s3", 0);
  Move("s2", internal::v1::SESSION_STATE_ENDED);
  EXPECT_EQ(catalog_->instance_count(), 2u);
  closer_.Sweep();
  Settle();
  EXPECT_EQ(catalog_->instance_count(), 0u);
}

TEST_F(FlowTest, TheSweepLeavesTheLivingAlone) {
  RegisterMany("s1", 2);
  closer_.Sweep();
  Settle();
  EXPECT_EQ(catalog_->instance_count(), 2u);
}

}  // namespace
}  // namespace rollcall::flow
