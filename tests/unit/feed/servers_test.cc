// What watchers are told of the nodes that they may use.
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ServersTest : public FeedTest {
 protected:
  void SetServers(std::vector<std::string> servers) {
    servers_ = std::make_shared<const std::vector<std::string>>(std::move(servers));
  }
  // All lists told since the last look.
  static std::vector<std::vector<std::string>> Told(const Watch& watch) {
    std::vector<std::vector<std::string>> lists;
    for (const v1::WatchResponse& message : watch->TakeMessages()) {
      if (message.servers_size() == 0) continue;
      lists.emplace_back(message.servers().begin(), message.servers().end());
    }
    return lists;
  }
};

TEST_F(ServersTest, AreToldWithTheFirstCaughtUpAndNotAgain) {
  SetServers({"a:1", "b:1"});
  Put("user", "1");
  const Watch watch = Watching("user");
  EXPECT_TRUE(watch->messages.back().caught_up());
  EXPECT_THAT(Told(watch), ElementsAre(ElementsAre("a:1", "b:1")));
  Put("user", "2");
  Settle();
  EXPECT_EQ(watch->views[1].live.size(), 2u);
  EXPECT_THAT(Told(watch), IsEmpty());
}

TEST_F(ServersTest, AreToldOncePerStreamHoweverManySubscriptions) {
  SetServers({"a:1"});
  const Watch watch = Watching("user");
  Subscribe(watch, {.id = 2, .service = "order"});
  EXPECT_THAT(Told(watch), ElementsAre(ElementsAre("a:1")));
}

TEST_F(ServersTest, AChangedListGoesWithTheNextMessage) {
  SetServers({"a:1"});
  const Watch watch = Watching("user");
  Told(watch);
  SetServers({"a:1", "b:1"});
  SetServers({"a:1", "b:1", "c:1"});
  EXPECT_THAT(Told(watch), IsEmpty());
  Put("user", "1");
  Settle();
  EXPECT_THAT(Told(watch), ElementsAre(ElementsAre("a:1", "b:1", "c:1")));
}

TEST_F(ServersTest, AQuietWatcherHearsOfAChangedListWithTheNextSignOfLife) {
  SetServers({"a:1"});
  const Watch watch = Watching("user");
  Told(watch);
  SetServers({"b:1"});
  AdvanceBy(kSignOfLife);
  EXPECT_THAT(Told(watch), ElementsAre(ElementsAre("b:1")));
}

TEST_F(ServersTest, NothingIsToldWithoutAList) {
  const Watch watch = Watching("user");
  SetServers({});
  Put("user", "1");
  Settle();
  EXPECT_THAT(Told(watch), IsEmpty());
}

}  // namespace
}  // namespace rollcall::feed
