// How a session finds a server for its stream: which is asked first, who is asked meanwhile, and
// how soon again.
#include <algorithm>

#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall {
namespace {

using testing::FakeKeepAlive;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

constexpr absl::Duration kTtl = absl::Seconds(10);

class SessionOpeningTest : public testing::SdkTest {
 protected:
  // A registered session, its stream open for a while.
  void Begin(std::vector<std::string> servers) {
    options_.servers = std::move(servers);
    Start();
    handle_ = Register("web", "w1");
    AdvanceBy(absl::Seconds(2));
    first_ = transport_.keep_alives().back();
    others_ = options_.servers;
    std::erase(others_, first_->server);
    start_ = clock_->Steady();
  }
  FakeKeepAlive& Stream() { return *transport_.keep_alives().back(); }
  size_t Streams() const { return transport_.keep_alives().size(); }
  // From now on openings at these are answered by `answer`, and noted.
  void Answering(const std::vector<std::string>& servers,
                 std::function<void(FakeKeepAlive&)> answer) {
    transport_.on_keep_alive = [=, this](FakeKeepAlive& stream, const v1::KeepAliveRequest& r) {
      if (r.has_beat() && away_) stream.Deliver(WithoutStore());
      if (!r.has_open()) return !away_;
      opened_at_[stream.server].push_back(clock_->Steady() - start_);
      if (std::find(servers.begin(), servers.end(), stream.server) == servers.end()) return true;
      answer(stream);
      return false;
    };
  }
  // As a node that asks its store in vain, for as long as it does.
  void RefuseLate(FakeKeepAlive& stream) {
    executor_->PostAt(clock_->Steady() + absl::Seconds(2), [self = stream.self] {
      if (const auto s = self.lock()) s->End(absl::UnavailableError("it could not be moved here"));
    });
  }
  void LoseTheStore() {
    away_ = true;
    auto message = WithoutStore();
    message.mutable_move_to();
    first_->Deliver(message);
  }
  v1::KeepAliveResponse WithoutStore() const {
    auto message = transport_.Stamped();
    message.set_store_reachable(false);
    return message;
  }

  std::shared_ptr<sdk::RegistrationHandle> handle_;
  std::shared_ptr<FakeKeepAlive> first_;
  std::vector<std::string> others_;  // than the first stream's server
  base::Instant start_;
  bool away_ = false;  // The first stream's server has lost its store.
  std::map<std::string, std::vector<absl::Duration>> opened_at_;
};

TEST_F(SessionOpeningTest, WhereAStreamStoodIsAskedOnceMoreBeforeAllOthers) {
  Begin({"a:1", "b:1", "c:1"});
  for (const std::string& other : others_) transport_.silent.insert(other);
  first_->End(absl::UnavailableError("the connection was lost"));
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(Streams(), 2u);
  EXPECT_EQ(Stream().server, first_->server);
  EXPECT_TRUE(Stream().open());
  EXPECT_EQ(handle_->status().state, RegistrationState::kRegistered);
}

TEST_F(SessionOpeningTest, AServerThatIsGoneIsLeftAtOnce) {
  Begin({"a:1", "b:1"});
  transport_.TakeDown(first_->server);
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(Stream().server, others_[0]);
  EXPECT_TRUE(Stream().open());
}

TEST_F(SessionOpeningTest, AServerThatSaidNothingForATtlIsAskedAfterTheOthers) {
  Begin({"a:1", "b:1"});
  transport_.silent = {"a:1", "b:1"};
  AdvanceBy(kTtl - absl::Seconds(2));
  transport_.silent = {first_->server};
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(Stream().server, others_[0]);
  EXPECT_TRUE(Stream().open());
}

TEST_F(SessionOpeningTest, OneThatDoesNotAnswerIsNotWaitedForBeforeTheNextIsAsked) {
  Begin({"a:1", "b:1", "c:1"});
  transport_.silent = {"a:1", "b:1", "c:1"};
  transport_.TakeDown(first_->server);
  AdvanceBy(absl::Milliseconds(1));
  const auto silent = transport_.keep_alives().back();
  transport_.silent = {silent->server};
  AdvanceBy(absl::Seconds(1.1));
  EXPECT_TRUE(Stream().open());
  EXPECT_NE(Stream().server, silent->server);
  EXPECT_TRUE(silent->detached);
  EXPECT_EQ(Stream().sent[0].open().session_id(), first_->sent[0].open().session_id());
}

TEST_F(SessionOpeningTest, OneThatAnswersAfterTheNextWasAskedIsTaken) {
  Begin({"a:1", "b:1"});
  transport_.silent = {"a:1", "b:1"};
  first_->End(absl::UnavailableError("the connection was lost"));
  AdvanceBy(absl::Seconds(1.5));
  ASSERT_EQ(Streams(), 3u);
  const auto slow = transport_.keep_alives()[1];
  EXPECT_EQ(slow->server, first_->server);
  slow->Deliver(transport_.Opened(transport_.sessions.begin()->second));
  Settle();
  EXPECT_TRUE(slow->open());
  EXPECT_FALSE(Stream().open());
  transport_.silent.clear();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Streams(), 3u);
}

// A registry that is slow is not made slower by those who ask two servers each.
TEST_F(SessionOpeningTest, TheLongerNobodyTakesItTheLaterTheNextIsAsked) {
  Begin({"a:1", "b:1"});
  Answering({"a:1", "b:1"}, [](FakeKeepAlive&) {});
  first_->End(absl::UnavailableError("the connection was lost"));
  std::vector<absl::Duration> all;
  AdvanceBy(absl::Seconds(30));
  for (const auto& [server, times] : opened_at_) all.insert(all.end(), times.begin(), times.end());
  std::sort(all.begin(), all.end());
  ASSERT_THAT(all, SizeIs(Ge(4u)));
  EXPECT_EQ(all[1] - all[0], absl::Seconds(1));
  EXPECT_LE(all.size(), 20u);
}

// Whoever of them learns that it is the session's home now, gives it its TTL from then on.
TEST_F(SessionOpeningTest, EverySilentServerIsAskedAgainWellWithinTheTtl) {
  Begin({"a:1", "b:1", "c:1"});
  Answering({"a:1", "b:1", "c:1"}, [](FakeKeepAlive&) {});
  first_->End(absl::UnavailableError("the connection was lost"));
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(opened_at_, SizeIs(3));
  for (const auto& [server, times] : opened_at_) {
    for (size_t i = 1; i < times.size(); ++i) {
      EXPECT_LE(times[i] - times[i - 1], kTtl * 0.75) << server;
    }
  }
}

TEST_F(SessionOpeningTest, AMoveThatMayHaveBeenMadeIsTriedAgainWellWithinTheTtl) {
  Begin({"a:1", "b:1", "c:1"});
  Answering(others_, [this](FakeKeepAlive& stream) { RefuseLate(stream); });
  LoseTheStore();
  AdvanceBy(absl::Minutes(3));
  EXPECT_TRUE(first_->open());
  for (const std::string& other : others_) {
    const auto& times = opened_at_[other];
    ASSERT_THAT(times, SizeIs(Ge(20u)));
    for (size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], kTtl * 0.75);
  }
}

TEST_F(SessionOpeningTest, AMoveThatIsRefusedAtOnceWasNotMadeAndIsTriedWithLeisure) {
  Begin({"a:1", "b:1", "c:1"});
  Answering(others_, [](FakeKeepAlive& stream) {
    stream.End(absl::UnavailableError("this node cannot confirm that it is part of the cluster"));
  });
  LoseTheStore();
  AdvanceBy(absl::Minutes(3));
  EXPECT_TRUE(first_->open());
  EXPECT_THAT(opened_at_[others_[0]], SizeIs(Le(90u)));
  EXPECT_THAT(opened_at_[others_[0]], SizeIs(Ge(20u)));
}

}  // namespace
}  // namespace rollcall
