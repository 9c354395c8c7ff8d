// What a watcher of all services sees.
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AllServicesTest : public FeedTest {
 protected:
  Watch WatchingAll() {
    Watch watch = Connect();
    Subscribe(watch, {.service = ""});
    watch->TakeMessages();
    return watch;
  }
  // A pass over both services, of which only the first message is written, and not read.
  Watch MidPass() {
    Put("order", "x");
    Put("user", "a");
    Watch watch = WatchingAll();
    watch->reads = false;
    Put("order", "y");
    Put("user", "b");
    Settle();
    EXPECT_THAT(watch->messages, SizeIs(1));
    return watch;
  }
  static void ReadOn(const Watch& watch) {
    watch->reads = true;
    watch->Finish();
  }
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
  watch->Finish();  // The message of "user" is written, and not read.
  Settle();
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

TEST_F(AllServicesTest, WhatTookLongToMakeIsNotMadeAgainAtOnce) {
  making_ = absl::Milliseconds(5);
  const Watch watch = MidPass();
  Put("user", "c");
  Settle();
  watch->Finish();
  Settle();
  ReadOn(watch);
  executor_.RunReady();
  watch->TakeMessages();
  Put("order", "z");
  Put("order", "w");
  AdvanceBy(4 * 2 * making_ - absl::Milliseconds(1));
  EXPECT_THAT(watch->messages, IsEmpty());
  AdvanceBy(absl::Milliseconds(1));
  ASSERT_THAT(watch->messages, SizeIs(2));
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("z", "w"));
  EXPECT_EQ(watch->views[1].live, Truth());
}

TEST_F(AllServicesTest, ADrainWaitsForOneThatRests) {
  making_ = absl::Milliseconds(5);
  const Watch watch = Connect();
  watch->acks = true;
  Subscribe(watch, {.service = "", .will_ack = true});
  watch->reads = false;
  Put("order", "y");
  Put("user", "b");
  Settle();
  const Revision drained = Put("order", "z");
  Settle();
  watch->Finish();
  Settle();
  ReadOn(watch);
  executor_.RunReady();
  EXPECT_FALSE(Drain("order", drained).complete());
  AdvanceBy(absl::Milliseconds(50));
  EXPECT_TRUE(Drain("order", drained).complete());
}

TEST_F(AllServicesTest, OneThatRestsMayEnd) {
  making_ = absl::Milliseconds(5);
  const Watch watch = MidPass();
  Put("user", "c");
  Settle();
  watch->Finish();
  Settle();
  ReadOn(watch);
  executor_.RunReady();
  watch->TakeMessages();
  Unsubscribe(watch, 1);
  AdvanceBy(absl::Milliseconds(50));
  EXPECT_THAT(watch->messages, IsEmpty());
}

}  // namespace
}  // namespace rollcall::feed
