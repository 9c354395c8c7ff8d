// What a watcher of services sees: snapshot, deltas, resume, selectors.
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(FeedTest, SnapshotThenDeltas) {
  Put("user", "a");
  const Revision second = Put("user", "b");
  const Watch watch = Watching("user");
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_TRUE(watch->messages[0].snapshot());
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_EQ(watch->messages[0].id(), 1u);
  EXPECT_EQ(watch->messages[0].namespace_(), "default");
  EXPECT_EQ(watch->messages[0].revision(), second.value());
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("a", "b"));

  watch->TakeMessages();
  const Revision third = Put("user", "c");
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_EQ(watch->messages[0].revision(), third.value());
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("c"));
}

TEST_F(FeedTest, UnknownServiceIsEmptyAndLaterChangesAreHeard) {
  const Watch watch = Watching("nobody");
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_TRUE(watch->messages[0].snapshot());
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_EQ(watch->messages[0].service(), "nobody");
  Put("nobody", "a");
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth("nobody"));
}

TEST_F(FeedTest, EmptyStoreIsCaughtUpAtZeroAndItsFirstRevisionIsHeard) {
  views_.SetApplied(Revision(0));
  last_ = Revision(0);
  const Watch watch = Watching("user");
  EXPECT_TRUE(watch->messages.at(0).caught_up());
  EXPECT_EQ(watch->messages[0].revision(), 0u);
  Put("user", "a");
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth("user"));
}

TEST_F(FeedTest, RemovalsAreToldWithCause) {
  Put("user", "a");
  const Watch watch = Watching("user");
  watch->TakeMessages();
  Remove("user", "a", v1::CAUSE_EXPIRED);
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  ASSERT_THAT(watch->messages[0].removed(), SizeIs(1));
  EXPECT_EQ(watch->messages[0].removed(0).cause(), v1::CAUSE_EXPIRED);
  EXPECT_THAT(watch->views[1].live, IsEmpty());
}

TEST_F(FeedTest, LeavingTheSelectionIsToldAsRemoved) {
  Put("user", "a", {.zone = "z1"});
  Put("user", "b", {.zone = "z2"});
  const Watch watch = Connect();
  Subscribe(watch, {.selector = "zone=z1"});
  EXPECT_THAT(Ids(watch->TakeMessages().at(0)), ElementsAre("a"));
  Put("user", "a", {.zone = "z2", .cause = v1::CAUSE_UPDATED});
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_EQ(watch->messages[0].removed(0).cause(), v1::CAUSE_UPDATED);
  EXPECT_THAT(watch->views[1].live, IsEmpty());
}

TEST_F(FeedTest, ChangesOfOtherServicesAreNotHeard) {
  const Watch watch = Watching("user");
  watch->TakeMessages();
  Put("order", "a");
  Settle();
  EXPECT_THAT(watch->messages, IsEmpty());
}

TEST_F(FeedTest, ResumeGetsOnlyWhatCameAfter) {
  const Revision seen = Put("user", "a");
  Put("user", "b");
  const Watch watch = Connect();
  Subscribe(watch, {.resume = seen.value()});
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("b"));
}

TEST_F(FeedTest, ResumeWithNothingNewSaysSoAtOnce) {
  const Revision seen = Put("user", "a");
  const Revision other = Put("order", "x");
  const Watch watch = Connect();
  Subscribe(watch, {.resume = seen.value()});
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_EQ(watch->messages[0].revision(), other.value());
}

TEST_F(FeedTest, ResumeInAnotherStoreIsAFreshSnapshot) {
  const Revision seen = Put("user", "a");
  for (const std::string& store : {std::string("other"), std::string()}) {
    const Watch watch = Connect();
    Subscribe(watch, {.resume = seen.value() + 1000, .store = store});
    ASSERT_THAT(watch->messages, SizeIs(1)) << store;
    EXPECT_TRUE(watch->messages[0].snapshot());
    EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("a"));
  }
}

TEST_F(FeedTest, ResumeBelowTheHorizonIsAFreshSnapshot) {
  const Revision seen = Put("user", "a");
  Put("user", "b");
  const Revision removed = Remove("user", "a");
  PurgeUpTo(removed);
  const Watch below = Connect();
  Subscribe(below, {.resume = seen.value()});
  ASSERT_THAT(below->messages, SizeIs(1));
  EXPECT_TRUE(below->messages[0].snapshot());
  EXPECT_GE(below->messages[0].revision(), removed.value());
  EXPECT_THAT(Ids(below->messages[0]), ElementsAre("b"));
  const Watch at = Connect();
  Subscribe(at, {.resume = removed.value()});
  EXPECT_FALSE(at->messages.at(0).snapshot());
}

TEST_F(FeedTest, QuietWatchersDoNotFallBelowTheHorizon) {
  Put("user", "a");
  const Watch watch = Watching("user");
  watch->TakeMessages();
  const Revision removed = (Put("order", "x"), Remove("order", "x"));
  PurgeUpTo(removed);
  Settle();
  Put("user", "b");
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_FALSE(watch->messages[0].snapshot());
}

TEST_F(FeedTest, BlockedWatcherBelowTheHorizonGetsAFreshSnapshot) {
  Put("user", "a");
  const Watch watch = Watching("user");
  watch->reads = false;
  Put("user", "b");
  Settle();
  Remove("user", "a");
  PurgeUpTo(last_);
  Settle();
  watch->reads = true;
  watch->Finish();
  Settle();
  EXPECT_EQ(watch->views[1].snapshots, 2u);
  EXPECT_EQ(watch->views[1].live, Truth("user"));
}

TEST_F(FeedTest, ResumeAboveAppliedWaitsForTheRevision) {
  const Revision now = Put("user", "a");
  const Watch watch = Connect();
  Subscribe(watch, {.resume = now.value() + 2});
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(watch->messages, IsEmpty());
  Put("user", "b");
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("b"));
  AdvanceBy(kRevisionWait);
  EXPECT_THAT(watch->messages, SizeIs(1));
}

TEST_F(FeedTest, ResumeAboveAppliedEndsUnavailableAfterTheWait) {
  const Revision now = Put("user", "a");
  const Watch watch = Connect();
  Subscribe(watch, {.id = 4, .resume = now.value() + 2000});
  AdvanceBy(kRevisionWait - 2 * kMaxMergeWindow);
  EXPECT_THAT(watch->messages, IsEmpty());
  AdvanceBy(2 * kMaxMergeWindow);
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_EQ(watch->messages[0].id(), 4u);
  EXPECT_EQ(watch->messages[0].error().code(), static_cast<int>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(pool_.stats().subscriptions, 0u);
  Subscribe(watch, {.id = 4});
  EXPECT_TRUE(watch->messages.back().snapshot());
}

TEST_F(FeedTest, LargeSnapshotsComeInPartsAndOnlyTheLastIsCaughtUp) {
  Commit("user", [](FakeService& s, Revision r) {
    for (int i = 0; i < 200; ++i) {
      s.Put("i" + std::to_string(i), r, {.padding = std::string(16000, 'x')});
    }
  });
  const Watch watch = Watching("user");
  ASSERT_THAT(watch->messages, SizeIs(4));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(watch->messages[i].caught_up(), i == 3);
  EXPECT_EQ(watch->views[1].live, Truth("user"));
}

TEST_F(FeedTest, SmallSubscriptionsAreNotHeldUpByALargeOne) {
  Commit("large", [](FakeService& s, Revision r) {
    for (int i = 0; i < 200; ++i) {
      s.Put("i" + std::to_string(i), r, {.padding = std::string(16000, 'x')});
    }
  });
  const Watch watch = Connect();
  watch->reads = false;
  Subscribe(watch, {.id = 1, .service = "large"});
  Subscribe(watch, {.id = 2, .service = "small"});
  watch->reads = true;
  watch->Finish();
  Settle();
  EXPECT_EQ(watch->messages[1].id() + watch->messages[2].id(), 3u);
  EXPECT_EQ(watch->views[1].live, Truth("large"));
}

TEST_F(FeedTest, DuplicateIdIsRefusedAndTheOlderLives) {
  const Watch watch = Watching("user");
  watch->TakeMessages();
  Subscribe(watch, {.id = 1, .service = "order"});
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_EQ(watch->messages[0].error().code(),
            static_cast<int>(absl::StatusCode::kInvalidArgument));
  Put("user", "a");
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth("user"));
}

TEST_F(FeedTest, BadSelectorIsAnErrorOfItsIdAlone) {
  const Watch watch = Watching("user");
  Subscribe(watch, {.id = 2, .selector = "colour=red"});
  EXPECT_EQ(watch->messages.back().id(), 2u);
  EXPECT_THAT(watch->messages.back().error().message(), HasSubstr("colour"));
  EXPECT_FALSE(watch->closed);
  EXPECT_EQ(pool_.stats().subscriptions, 1u);
}

TEST_F(FeedTest, UnsubscribedHearsNothingMore) {
  const Watch watch = Watching("user");
  Subscribe(watch, {.id = 2, .service = "order"});
  Unsubscribe(watch, 1);
  Unsubscribe(watch, 77);
  watch->TakeMessages();
  Put("user", "a");
  Put("order", "x");
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_EQ(watch->messages[0].id(), 2u);
  EXPECT_EQ(pool_.stats().subscriptions, 1u);
}

TEST_F(FeedTest, UnsubscribeWhileDueOrWaitingIsForgotten) {
  Put("user", "a");
  const Watch watch = Connect();
  watch->reads = false;
  Subscribe(watch, {.id = 1});
  Subscribe(watch, {.id = 2, .service = "order"});
  Subscribe(watch, {.id = 3, .resume = last_.value() + 100});
  Unsubscribe(watch, 2);
  Unsubscribe(watch, 3);
  watch->reads = true;
  watch->Finish();
  AdvanceBy(absl::Seconds(3));
  EXPECT_THAT(watch->messages, SizeIs(1));
}

}  // namespace
}  // namespace rollcall::feed
