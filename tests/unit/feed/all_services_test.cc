// What a watcher of all services sees.
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AllServicesTest : public FeedTest {
 protected:
  Watch WatchingAll(const Wish& wish = {.service = ""}) {
    Watch watch = Connect();
    Subscribe(watch, wish);
    watch->TakeMessages();
    return watch;
  }
  // A pass over both services, of which only the first message is written, and not read.
  Watch MidPass(const Wish& wish = {.service = ""}) {
    Put("order", "x");
    Put("user", "a");
    Watch watch = WatchingAll(wish);
    AdvanceBy(kMostRest);
    watch->reads = false;
    Put("order", "y");
    Put("user", "b");
    begun_ = clock_.Steady();
    Settle();
    EXPECT_THAT(watch->messages, SizeIs(1));
    return watch;
  }
  void ReadNext(const Watch& watch) {
    watch->Finish();
    executor_.RunReady();
  }
  void ReadOn(const Watch& watch) {
    watch->reads = true;
    ReadNext(watch);
  }
  // A pass that took 10 ms to make, and during which something changed.
  Watch Resting(const Wish& wish = {.service = ""}) {
    making_ = absl::Milliseconds(5);
    Watch watch = MidPass(wish);
    Put("user", "c");
    Settle();
    ReadNext(watch);
    ReadOn(watch);
    EXPECT_THAT(watch->TakeMessages(), SizeIs(3)) << "two services, and one caught_up";
    return watch;
  }

  static constexpr absl::Duration kMostRest = absl::Milliseconds(50);
  base::Instant begun_;  // the pass of MidPass
};

TEST_F(AllServicesTest, OfANamespace) {
  Put("order", "x");
  Put("user", "a");
  const Watch watch = Connect();
  Subscribe(watch, {.service = ""});
  ASSERT_THAT(watch->messages, SizeIs(3));
  EXPECT_EQ(watch->messages[0].service(), "order");
  EXPECT_EQ(watch->messages[1].service(), "user");
  EXPECT_EQ(watch->messages[2].service(), "");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(watch->messages[i].snapshot());
    EXPECT_EQ(watch->messages[i].caught_up(), i == 2);
  }
  EXPECT_EQ(watch->messages[2].revision(), last_.value());
  watch->TakeMessages();
  Put("cart", "c");
  Remove("user", "a");
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(3));
  EXPECT_EQ(watch->messages[0].service(), "cart");
  EXPECT_EQ(watch->messages[1].service(), "user");
  EXPECT_TRUE(watch->messages[2].caught_up());
  EXPECT_EQ(watch->messages[2].revision(), last_.value());
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, Resume) {
  Put("order", "x");
  const Revision seen = Put("user", "a");
  Put("order", "y");
  const Watch watch = Connect();
  Subscribe(watch, {.service = "", .resume = seen.value()});
  ASSERT_THAT(watch->messages, SizeIs(2));
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("y"));
}

TEST_F(AllServicesTest, OfAnEmptyNamespace) {
  const Watch watch = Connect();
  Subscribe(watch, {.service = "", .ns = "elsewhere"});
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_TRUE(watch->messages[0].snapshot());
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_EQ(watch->messages[0].namespace_(), "elsewhere");
  Put("user", "a");
  Settle();
  EXPECT_THAT(watch->messages, SizeIs(1));
}

TEST_F(AllServicesTest, OfAllNamespaces) {
  Put("user", "a");
  const Watch watch = Connect();
  Subscribe(watch, {.service = "", .ns = "*"});
  Put("user", "b");
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, WithMoreChangesThanItRemembers) {
  const Watch watch = Connect();
  Subscribe(watch, {.service = ""});
  watch->reads = false;
  Put("user", "a");
  Settle();
  for (size_t i = 0; i < kMaxChangedServices + 10; ++i) Put("s" + std::to_string(i), "a");
  Settle();
  watch->reads = true;
  watch->Finish();
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth());
  EXPECT_EQ(watch->views[1].snapshots, 1u);
}

TEST_F(AllServicesTest, EachIsToldAsItStandsAtItsTurnAndThatOnce) {
  const Watch watch = MidPass();
  const Revision begun = last_;
  const Revision later = Put("user", "c");
  Settle();
  ReadOn(watch);
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(4));
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("y"));
  EXPECT_THAT(Ids(watch->messages[1]), ElementsAre("b", "c"));
  EXPECT_TRUE(watch->messages[2].caught_up());
  EXPECT_EQ(watch->messages[2].revision(), begun.value());
  EXPECT_THAT(Ids(watch->messages[3]), IsEmpty());
  EXPECT_TRUE(watch->messages[3].caught_up());
  EXPECT_EQ(watch->messages[3].revision(), later.value());
  EXPECT_EQ(watch->views[1].live, Truth());

  watch->TakeMessages();
  Put("user", "d");
  Settle();
  EXPECT_THAT(Ids(watch->messages.at(0)), ElementsAre("d"));
}

TEST_F(AllServicesTest, WhatWasToldAheadIsToldOfTheRestOnly) {
  const Watch watch = MidPass();
  Put("user", "c");
  Settle();
  ReadNext(watch);  // The message of "user" is written, and not read.
  Put("user", "d");
  Settle();
  ReadOn(watch);
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(5));
  EXPECT_THAT(Ids(watch->messages[1]), ElementsAre("b", "c"));
  EXPECT_THAT(Ids(watch->messages[3]), ElementsAre("d"));
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, APassBelowTheHorizonBeginsAnew) {
  const Watch watch = MidPass();
  Remove("user", "a");
  Remove("user", "b");
  Put("cart", "c");
  PurgeUpTo(last_);
  Settle();
  ReadOn(watch);
  Settle();
  for (size_t i = 1; i < watch->messages.size(); ++i) {
    EXPECT_TRUE(watch->messages[i].snapshot()) << "caught up without what was purged";
  }
  EXPECT_EQ(watch->views[1].snapshots, 2u);
  EXPECT_EQ(watch->views[1].live, Truth());
  EXPECT_EQ(watch->views[1].revision, last_.value());
}

TEST_F(AllServicesTest, OneThatBeginsAnewTellsAllOfWhatWasToldAhead) {
  Put("zoo", "z");
  const Watch watch = MidPass();
  Put("user", "c");
  Settle();
  ReadNext(watch);  // "user" is told ahead, and the horizon passes before the caught_up.
  Put("zoo", "y");
  Settle();
  watch->reads = true;
  ReadNext(watch);
  Settle();
  EXPECT_EQ(watch->views[1].live, Truth());

  // Of three services the last is looked at when the horizon has passed.
  watch->reads = false;
  Put("order", "o");
  Put("user", "e");
  Put("zoo", "x");
  Settle();
  Put("user", "f");
  Settle();
  ReadNext(watch);
  Remove("zoo", "x");
  PurgeUpTo(last_);
  Settle();
  ReadOn(watch);
  Settle();
  EXPECT_EQ(watch->views[1].snapshots, 2u);
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, WhatChangesDuringALongPassRests) {
  const Watch watch = Resting();
  Put("order", "z");
  Put("order", "w");
  executor_.AdvanceTo(begun_ + 4 * 2 * making_ - absl::Milliseconds(1));
  EXPECT_THAT(watch->messages, IsEmpty());
  AdvanceBy(absl::Milliseconds(1));
  ASSERT_THAT(watch->messages, SizeIs(2));
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("z", "w"));
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, WhatChangesSoonAfterALongPassRestsForAllWatchers) {
  making_ = absl::Milliseconds(5);
  Put("order", "x");
  Put("user", "a");
  const Watch first = WatchingAll();
  const Watch second = WatchingAll();
  const Revision change = Put("user", "b");
  executor_.RunReady();
  EXPECT_THAT(first->messages, IsEmpty());
  EXPECT_THAT(second->messages, IsEmpty());
  AdvanceBy(kMostRest);
  for (const Watch& watch : {first, second}) {
    ASSERT_THAT(watch->messages, SizeIs(2));
    EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("b"));
    EXPECT_EQ(watch->messages[1].revision(), change.value());
  }
}

TEST_F(AllServicesTest, ADrainWaitsForOneThatRests) {
  const Watch watch = Resting({.service = "", .will_ack = true});
  watch->acks = true;
  Ack(watch, 1, Revision(watch->views[1].revision));
  EXPECT_FALSE(Drain("order", last_).complete());
  AdvanceBy(kMostRest);
  EXPECT_TRUE(Drain("order", last_).complete());
}

TEST_F(AllServicesTest, OneThatRestsMayEndAndAnotherHaveItsId) {
  const Watch watch = Resting();
  Unsubscribe(watch, 1);
  making_ = absl::ZeroDuration();
  Subscribe(watch, {.service = ""});
  EXPECT_THAT(watch->TakeMessages(), SizeIs(3));
  AdvanceBy(kMostRest);
  EXPECT_THAT(watch->messages, IsEmpty());
}

}  // namespace
}  // namespace rollcall::feed
