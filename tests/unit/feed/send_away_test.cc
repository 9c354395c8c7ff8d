// Watchers of a node that is behind while others are not.
#include <algorithm>

#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kSpread = PublisherPool::kSendAwaySpread;

class SendAwayTest : public FeedTest {
 protected:
  void SendAway() {
    pool_.SendAway(absl::UnavailableError("use another node"));
    Settle();
  }
  static size_t Gone(const std::vector<Watch>& watches) {
    return static_cast<size_t>(std::count_if(watches.begin(), watches.end(),
                                             [](const Watch& w) { return w->closed.has_value(); }));
  }
};

TEST_F(SendAwayTest, WatchersGoSpreadOverSomeSeconds) {
  std::vector<Watch> watches;
  watches.reserve(100);
  for (int i = 0; i < 100; ++i) watches.push_back(Watching("user"));
  SendAway();
  EXPECT_LT(Gone(watches), 10u);
  AdvanceBy(kSpread / 2);
  EXPECT_GT(Gone(watches), 25u);
  EXPECT_LT(Gone(watches), 75u);
  AdvanceBy(kSpread / 2);
  EXPECT_EQ(Gone(watches), 100u);
  EXPECT_TRUE(absl::IsUnavailable(*watches[0]->closed));
  EXPECT_THAT(std::string(watches[0]->closed->message()), HasSubstr("use another node"));
}

TEST_F(SendAwayTest, UntilItsMomentAWatcherIsServed) {
  const Watch watch = Watching("user");
  SendAway();
  ASSERT_FALSE(watch->closed);
  Put("user", "1");
  Settle();
  EXPECT_EQ(watch->views[1].live.size(), 1u);
}

TEST_F(SendAwayTest, WhoComesMeanwhileIsRefusedWhenItSubscribes) {
  SendAway();
  const Watch watch = Connect();
  EXPECT_FALSE(watch->closed);
  Subscribe(watch, {});
  ASSERT_TRUE(watch->closed);
  EXPECT_TRUE(absl::IsUnavailable(*watch->closed));
  EXPECT_TRUE(watch->messages.empty());
  EXPECT_EQ(pool_.stats().watchers, 0u);
}

TEST_F(SendAwayTest, WhoAcceptsStaleDataIsServedAllTheWhile) {
  Put("user", "1");
  const Watch before = Connect();
  Subscribe(before, {.accept_stale = true});
  SendAway();
  const Watch meanwhile = Connect();
  Subscribe(meanwhile, {.accept_stale = true});
  // It said so for all of its stream.
  Subscribe(meanwhile, {.id = 2, .service = "order"});
  AdvanceBy(kSpread);
  for (const Watch& watch : {before, meanwhile}) {
    EXPECT_FALSE(watch->closed);
    EXPECT_EQ(watch->views[1].live.size(), 1u);
  }
}

TEST_F(SendAwayTest, WhoHasNotGoneYetStaysWhenTheNodeIsInTouchAgain) {
  const Watch watch = Watching("user");
  SendAway();
  pool_.TakeAgain();
  AdvanceBy(kSpread);
  EXPECT_FALSE(watch->closed);
  EXPECT_FALSE(Watching("user")->closed);
}

TEST_F(SendAwayTest, ANodeThatStopsEndsThemAllTheSame) {
  const Watch stays = Connect();
  Subscribe(stays, {.accept_stale = true});
  const Watch goes = Watching("user");
  SendAway();
  pool_.CloseAll(absl::UnavailableError("shutting down"));
  AdvanceBy(kSpread);
  EXPECT_TRUE(stays->closed);
  EXPECT_TRUE(goes->closed);
}

}  // namespace
}  // namespace rollcall::feed
