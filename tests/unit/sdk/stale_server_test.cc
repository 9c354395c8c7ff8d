// Watches of a client whose server is behind the store.
#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall {
namespace {

using testing::FakeWatch;
using ::testing::SizeIs;

class StaleServerTest : public testing::SdkTest {
 protected:
  // Watching "web", told of one instance by a server that is in touch.
  void Begin(std::vector<std::string> servers) {
    options_.servers = std::move(servers);
    Start();
    cell_ = core_->Watch("web", {});
    Deliver(absl::ZeroDuration(), true);
    first_ = transport_.watches().back();
    transport_.on_resolve = [this](const v1::ResolveRequest&) {
      auto response = transport_.EmptyResolve();
      response->set_store_reachable(others_in_touch_);
      return response;
    };
  }
  FakeWatch& Stream() { return *transport_.watches().back(); }
  size_t Streams() const { return transport_.watches().size(); }
  v1::WatchRequest::Subscribe Asked() { return Stream().sent.front().subscribe(); }
  void Deliver(absl::Duration age, bool snapshot = false) {
    v1::WatchResponse message;
    message.set_id(Asked().id());
    message.set_service("web");
    message.set_revision(7);
    message.set_store_id(transport_.store_id);
    message.set_caught_up(true);
    message.set_snapshot(snapshot);
    sdk::DurationToProto(age, *message.mutable_age());
    if (snapshot) {
      v1::Instance& instance = *message.add_updated();
      instance.mutable_spec()->set_service("web");
      instance.mutable_spec()->set_id("w1");
      instance.set_standing(v1::STANDING_PASSING);
    }
    Stream().Deliver(message);
    Settle();
  }
  // Signs of life of a server that is further and further behind.
  void FallBehind(absl::Duration so_long) {
    const FakeWatch* stream = &Stream();
    for (absl::Duration age; age < so_long && &Stream() == stream; age += absl::Seconds(5)) {
      Deliver(age);
      AdvanceBy(absl::Seconds(5));
    }
  }
  void Refuse() {
    Stream().End(absl::UnavailableError("cut off, and others are not"));
    AdvanceBy(absl::Seconds(2));
  }
  size_t Instances() { return cell_->view()->instances().size(); }

  std::shared_ptr<sdk::SubscriptionCell> cell_;
  std::shared_ptr<FakeWatch> first_;
  bool others_in_touch_ = true;
};

TEST_F(StaleServerTest, AServerThatIsBehindIsLeftForOneThatIsNot) {
  Begin({"a:1", "b:1"});
  FallBehind(absl::Seconds(20));
  EXPECT_THAT(transport_.resolves, SizeIs(1));
  ASSERT_EQ(Streams(), 2u);
  EXPECT_NE(Stream().server, first_->server);
  EXPECT_EQ(Asked().resume_revision(), 7u);
  EXPECT_FALSE(Asked().accept_stale());
  EXPECT_EQ(Instances(), 1u);
  // And there it stays.
  for (int i = 0; i < 60; ++i) {
    Deliver(absl::Milliseconds(300));
    AdvanceBy(absl::Seconds(5));
  }
  EXPECT_EQ(Streams(), 2u);
  EXPECT_THAT(transport_.resolves, SizeIs(1));
}

TEST_F(StaleServerTest, ALittleAgeMovesNobody) {
  Begin({"a:1", "b:1"});
  for (int i = 0; i < 60; ++i) {
    Deliver(absl::Seconds(5));
    AdvanceBy(absl::Seconds(5));
  }
  EXPECT_THAT(transport_.resolves, SizeIs(0));
  EXPECT_EQ(Streams(), 1u);
}

TEST_F(StaleServerTest, WhileAllAreBehindItStaysAndAsksSeldom) {
  Begin({"a:1", "b:1", "c:1"});
  others_in_touch_ = false;
  FallBehind(absl::Minutes(30));
  EXPECT_EQ(Streams(), 1u);
  EXPECT_TRUE(first_->open());
  // Every 15 s in the middle.
  EXPECT_GT(transport_.resolves.size(), 60u);
  EXPECT_LT(transport_.resolves.size(), 240u);
  EXPECT_EQ(Instances(), 1u);
  others_in_touch_ = true;
  FallBehind(absl::Minutes(2));
  EXPECT_EQ(Streams(), 2u);
}

TEST_F(StaleServerTest, AServerThatIsInTouchAgainIsKept) {
  Begin({"a:1", "b:1"});
  others_in_touch_ = false;
  FallBehind(absl::Seconds(30));
  others_in_touch_ = true;
  const size_t asked = transport_.resolves.size();
  for (int i = 0; i < 20; ++i) {
    Deliver(absl::ZeroDuration());
    AdvanceBy(absl::Seconds(5));
  }
  EXPECT_EQ(transport_.resolves.size(), asked);
  EXPECT_EQ(Streams(), 1u);
}

TEST_F(StaleServerTest, AServerThatIsDownIsNoBetter) {
  Begin({"a:1", "b:1"});
  transport_.down.insert(first_->server == "a:1" ? "b:1" : "a:1");
  FallBehind(absl::Minutes(2));
  EXPECT_EQ(Streams(), 1u);
  EXPECT_TRUE(first_->open());
}

TEST_F(StaleServerTest, TheOnlyServerIsKept) {
  Begin({"a:1"});
  FallBehind(absl::Minutes(10));
  EXPECT_EQ(Streams(), 1u);
  EXPECT_THAT(transport_.resolves, SizeIs(0));
}

// Each is behind soon after it was in touch.
TEST_F(StaleServerTest, ItMovesNoMoreThanOnceInSomeSeconds) {
  Begin({"a:1", "b:1", "c:1"});
  for (int i = 0; i < 600; ++i) {
    Deliver(absl::Seconds(6));
    AdvanceBy(absl::Milliseconds(100));
  }
  EXPECT_GT(Streams(), 3u);
  EXPECT_LE(Streams(), 13u);
}

TEST_F(StaleServerTest, AWatchThatIsSentAwayGoesOnElsewhereAtOnce) {
  Begin({"a:1", "b:1"});
  AdvanceBy(absl::Seconds(2));
  Deliver(absl::Seconds(2));
  Refuse();
  ASSERT_EQ(Streams(), 2u);
  EXPECT_NE(Stream().server, first_->server);
  EXPECT_FALSE(Asked().accept_stale());
}

TEST_F(StaleServerTest, WhoIsRefusedEverywhereAcceptsOldData) {
  Begin({"a:1", "b:1", "c:1"});
  AdvanceBy(absl::Seconds(2));
  Deliver(absl::Seconds(2));
  for (int refused = 0; refused < 4; ++refused) {
    EXPECT_FALSE(Asked().accept_stale()) << refused;
    Refuse();
  }
  EXPECT_TRUE(Asked().accept_stale());
  EXPECT_EQ(Instances(), 1u);
  // Served again by one in touch, it expects no less of the next.
  Deliver(absl::ZeroDuration());
  AdvanceBy(absl::Seconds(2));
  Deliver(absl::ZeroDuration());
  Refuse();
  EXPECT_FALSE(Asked().accept_stale());
}

TEST_F(StaleServerTest, AClientOfOneServerIsServedByItAtTheSecondAttempt) {
  options_.servers = {"a:1"};
  Start();
  cell_ = core_->Watch("web", {});
  EXPECT_FALSE(Asked().accept_stale());
  Refuse();
  EXPECT_TRUE(Asked().accept_stale());
  Deliver(absl::Minutes(1), true);
  EXPECT_EQ(Instances(), 1u);
}

TEST_F(StaleServerTest, OfManyServersAFewRefusalsAreEnough) {
  options_.servers.clear();
  for (int i = 0; i < 50; ++i) options_.servers.push_back(absl::StrCat("s", i, ":1"));
  Start();
  cell_ = core_->Watch("web", {});
  for (size_t i = 0; i < sdk::Watcher::kMostFruitless; ++i) {
    EXPECT_FALSE(Asked().accept_stale());
    Refuse();
  }
  EXPECT_TRUE(Asked().accept_stale());
}

}  // namespace
}  // namespace rollcall
