// A client among several servers of one registry: sessions that move, and servers that die.
#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using testing::FakeKeepAlive;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ManyServersTest : public testing::SdkTest {
 protected:
  // A registered session, its stream open for a while.
  void Begin(std::vector<std::string> servers) {
    options_.servers = std::move(servers);
    Start();
    handle_ = Register("web", "w1");
    AdvanceBy(absl::Seconds(2));
    first_ = transport_.keep_alives().back();
  }
  FakeKeepAlive& Stream() { return *transport_.keep_alives().back(); }
  size_t Streams() const { return transport_.keep_alives().size(); }
  v1::KeepAliveResponse MoveTo(const std::vector<std::string>& servers, bool store_reachable) {
    auto message = transport_.Stamped();
    message.set_store_reachable(store_reachable);
    message.mutable_move_to();
    for (const std::string& server : servers) message.mutable_move_to()->add_servers(server);
    return message;
  }
  void Refuse(const std::string& server) { transport_.down.insert(server); }

  std::shared_ptr<sdk::RegistrationHandle> handle_;
  std::shared_ptr<FakeKeepAlive> first_;
};

TEST_F(ManyServersTest, AMoveThatIsRefusedLeavesTheOldStreamAndIsTriedAgain) {
  Begin({"a:1"});
  Refuse("b:1");
  Refuse("c:1");
  first_->Deliver(MoveTo({"b:1", "c:1"}, true));
  AdvanceBy(absl::Seconds(6));
  EXPECT_GE(Streams(), 4u);
  EXPECT_LE(Streams(), 12u);
  EXPECT_TRUE(first_->open());
  EXPECT_FALSE(first_->finished);
  EXPECT_TRUE(first_->sent.back().has_beat());
  transport_.BringUp("b:1");
  transport_.BringUp("c:1");
  AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(Stream().server, AnyOf("b:1", "c:1"));
  EXPECT_TRUE(Stream().open());
  EXPECT_TRUE(first_->finished);
  const size_t streams = Streams();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Streams(), streams);
}

TEST_F(ManyServersTest, TheOldStreamIsLeftOnlyWhenTheNewOneIsOpen) {
  Begin({"a:1"});
  transport_.silent.insert("b:1");
  first_->Deliver(MoveTo({"b:1"}, true));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(Stream().server, "b:1");
  EXPECT_TRUE(first_->open());
  EXPECT_FALSE(first_->finished);
  Stream().Deliver(transport_.Opened(transport_.sessions.begin()->second));
  Settle();
  EXPECT_TRUE(first_->finished);
  EXPECT_EQ(first_->sent.back().leave().reason(), v1::KeepAliveRequest::REASON_MOVING);
}

TEST_F(ManyServersTest, AServerThatHasItsStoreAgainIsNotLeft) {
  Begin({"a:1", "b:1"});
  const std::string other = first_->server == "a:1" ? "b:1" : "a:1";
  Refuse(other);
  first_->Deliver(MoveTo({}, false));
  AdvanceBy(absl::Seconds(3));
  EXPECT_GE(Streams(), 2u);
  auto back = transport_.Stamped();
  back.mutable_ack();
  first_->Deliver(back);
  Settle();
  const size_t streams = Streams();
  transport_.BringUp(other);
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Streams(), streams);
  EXPECT_TRUE(first_->open());
}

TEST_F(ManyServersTest, AStreamThatEndsAmidAMoveIsReplacedByTheMove) {
  Begin({"a:1"});
  transport_.silent.insert("b:1");
  first_->Deliver(MoveTo({"b:1"}, true));
  AdvanceBy(absl::Milliseconds(10));
  first_->End(absl::UnavailableError("this node is shutting down"));
  Settle();
  EXPECT_EQ(Streams(), 2u);
  Stream().Deliver(transport_.Opened(transport_.sessions.begin()->second));
  AdvanceBy(absl::Seconds(5));
  EXPECT_EQ(Streams(), 2u);
}

TEST_F(ManyServersTest, AStreamThatEndsBecauseTheSessionMovedSaysNothingAgainstItsServer) {
  Begin({"a:1", "b:1"});
  const std::string other = first_->server == "a:1" ? "b:1" : "a:1";
  first_->End(absl::AbortedError("the session moved to another node"));
  AdvanceBy(absl::Milliseconds(500));
  ASSERT_EQ(Streams(), 2u);
  EXPECT_EQ(Stream().server, first_->server);
  Stream().End(absl::UnavailableError("reset"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(Stream().server, other);
}

TEST_F(ManyServersTest, ADeadServersSessionComesBackOnAnotherAsItWas) {
  Begin({"a:1", "b:1", "c:1", "d:1"});
  // Only one of the others can take it: one is down, one says that it is not ready.
  std::vector<std::string> others = {"a:1", "b:1", "c:1", "d:1"};
  std::erase(others, first_->server);
  Refuse(others[0]);
  transport_.on_keep_alive = [&](FakeKeepAlive& stream, const v1::KeepAliveRequest&) {
    if (stream.server != others[1]) return true;
    stream.End(absl::UnavailableError("this node is not ready"));
    return false;
  };
  transport_.TakeDown(first_->server);
  AdvanceBy(absl::Seconds(1));  // Well within a third of the TTL.
  EXPECT_EQ(Stream().server, others[2]);
  EXPECT_TRUE(Stream().open());
  EXPECT_EQ(Stream().sent[0].open().session_id(), first_->sent[0].open().session_id());
  EXPECT_EQ(Stream().sent[0].open().revision(), transport_.revision);
  EXPECT_THAT(transport_.registers, SizeIs(1));
  EXPECT_EQ(handle_->status().state, RegistrationState::kRegistered);
}

TEST_F(ManyServersTest, AServerThatDoesNotAnswerTheOpeningIsGivenUpWithinAThirdOfTheTtl) {
  Begin({"a:1", "b:1", "c:1"});
  for (const std::string server : {"a:1", "b:1", "c:1"}) {
    if (server != first_->server) transport_.silent.insert(server);
  }
  transport_.TakeDown(first_->server);
  AdvanceBy(absl::Milliseconds(1));
  const std::string frozen = Stream().server;
  transport_.silent = {frozen};
  AdvanceBy(absl::Seconds(4));
  EXPECT_TRUE(Stream().open());
  EXPECT_NE(Stream().server, frozen);
  EXPECT_NE(Stream().server, first_->server);
}

TEST_F(ManyServersTest, ASessionIsElsewhereBeforeItsSilentServerCountsAsDead) {
  Begin({"a:1", "b:1"});
  transport_.silent.insert(first_->server);
  absl::Duration silent;
  while (Streams() == 1 && silent < absl::Seconds(10)) {
    AdvanceBy(absl::Milliseconds(100));
    silent += absl::Milliseconds(100);
  }
  EXPECT_LE(silent, absl::Seconds(8.2));
  Settle();
  EXPECT_TRUE(Stream().open());
  EXPECT_NE(Stream().server, first_->server);
  EXPECT_EQ(handle_->status().state, RegistrationState::kRegistered);
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Streams(), 2u);
}

TEST_F(ManyServersTest, WithOneServerASilentSpellChangesNothing) {
  Begin({"a:1"});
  transport_.silent.insert("a:1");
  AdvanceBy(absl::Seconds(7));
  transport_.silent.clear();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Streams(), 1u);
}

TEST_F(ManyServersTest, ServersAreLearnedFromTheSessionsStream) {
  options_.servers = {"a:1"};
  transport_.on_keep_alive = [&](FakeKeepAlive& stream, const v1::KeepAliveRequest& request) {
    if (!request.has_open()) return true;
    auto opened = transport_.Opened(transport_.sessions.begin()->second);
    for (const char* server : {"b:1", "c:1"}) opened.mutable_opened()->add_servers(server);
    stream.Deliver(opened);
    return false;
  };
  Start();
  Register("web", "w1");
  AdvanceBy(sdk::kSpreadTime);
  // It may have spread to one of them; whichever it was is gone now.
  transport_.TakeDown("a:1");
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(Stream().server, AnyOf("b:1", "c:1"));
  EXPECT_TRUE(Stream().open());
}

// Many clients of one seed, as after the first of several nodes was started.
TEST_F(ManyServersTest, ClientsOfOneSeedSpreadWithoutBreakingAnything) {
  transport_.on_keep_alive = [&](FakeKeepAlive& stream, const v1::KeepAliveRequest& request) {
    if (!request.has_open()) return true;
    auto opened = transport_.Opened(transport_.sessions[request.open().session_id()]);
    for (const char* server : {"a:1", "b:1", "c:1"}) opened.mutable_opened()->add_servers(server);
    stream.Deliver(opened);
    return false;
  };
  options_.servers = {"a:1"};
  std::vector<std::unique_ptr<sdk::Core>> cores;
  for (int i = 0; i < 300; ++i) {
    Start();
    Register("web", absl::StrCat("w", i));
    cores.push_back(std::move(core_));
  }
  AdvanceBy(sdk::kSpreadTime + absl::Seconds(1));
  std::map<std::string, int> open;
  for (const auto& stream : transport_.keep_alives()) {
    if (stream->open() && !stream->finished) ++open[stream->server];
  }
  EXPECT_THAT(open, SizeIs(3));
  for (const auto& [server, sessions] : open) EXPECT_GE(sessions, 70) << server;
  EXPECT_THAT(transport_.registers, SizeIs(300));
  cores.clear();
}

TEST_F(ManyServersTest, AReadAsksAnyServerForWhatTheLastAnswerShowed) {
  options_.servers = {"a:1", "b:1"};
  Start();
  const auto ignore = [](const absl::StatusOr<ViewPtr>&) {};
  core_->Resolve("web", {}, ignore);
  Settle();
  transport_.TakeDown(transport_.servers_asked.back());
  core_->Resolve("web", {}, ignore);
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(transport_.resolves.back().at_least_revision(), transport_.revision);
  EXPECT_EQ(transport_.resolves.back().store_id(), "store-1");
}

}  // namespace
}  // namespace rollcall
