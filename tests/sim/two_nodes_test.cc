// Two whole nodes at one store: whose a session is when nodes die, come back, lag and race.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/health/keep_alive_protocol.h"
#include "server/health/session_book.h"
#include "server/health/suspicion_collector.h"
#include "server/node/node.h"
#include "tests/sim/shared_store.h"
#include "tests/sim/sim_frame.h"
#include "tests/sim/tied_executor.h"
#include "tests/support/records.h"
#include "tests/support/scripted_store.h"
#include "tests/unit/health/fake_stream.h"

namespace rollcall::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Fate = testing::ScriptedStore::Fate;

// A node's process: it dies as a whole, and its node id stays.
class Process {
 public:
  Process(SharedStore& shared, testing::FakeClock& clock, testing::ManualExecutor& queue,
          base::Random& random, const std::string& id)
      : clock_(clock),
        executor_(queue),
        log_({}, clock, [](absl::string_view) {}),
        seat_(shared),
        store_(seat_, executor_) {
    node::Node::Options options;
    options.id = NodeId(id);
    options.ttl = {absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)};
    options.describe = [](v1::GetStatusResponse&) {};
    node_ = std::make_unique<node::Node>(node::Node::Edges{.store = store_,
                                                           .version_log = shared.version_log(),
                                                           .core = executor_,
                                                           .history = executor_,
                                                           .publishers = {&executor_},
                                                           .clock = clock,
                                                           .random = random,
                                                           .make_frame = SimFrame::Make,
                                                           .log = log_},
                                         std::move(options));
    ROLLCALL_CHECK(node_->Start().ok(), "the node starts");
    Open(self_, node_->sessions().node_session_id().value(),
         node_->sessions().node_session_secret());
    BeatMyself();
  }

  node::Node& node() { return *node_; }
  testing::ScriptedStore& store() { return store_; }

  struct Stream {
    std::shared_ptr<health::FakeStream> stream;
    std::unique_ptr<health::KeepAliveProtocol> protocol;

    void Say(const v1::KeepAliveRequest& message) { protocol->OnMessage(message); }
    void Beat() {
      v1::KeepAliveRequest message;
      message.mutable_beat()->set_sequence(1);
      Say(message);
    }
    bool open() const { return protocol != nullptr && !stream->closed(); }
  };
  void Open(Stream& out, const std::string& id, const std::string& secret) {
    out.stream = std::make_shared<health::FakeStream>("ipv4:10.0.0.9:1");
    out.protocol = std::make_unique<health::KeepAliveProtocol>(node_->sessions(), out.stream);
    v1::KeepAliveRequest message;
    message.mutable_open()->set_session_id(id);
    message.mutable_open()->set_session_secret(secret);
    out.Say(message);
  }

 private:
  void BeatMyself() {
    self_.Beat();
    executor_.PostAt(clock_.Steady() + health::NodeSession::kBeatInterval,
                     [this] { BeatMyself(); });
  }

  testing::FakeClock& clock_;
  TiedExecutor executor_;
  observe::Log log_;
  SharedStore::Seat seat_;
  testing::ScriptedStore store_;
  std::unique_ptr<node::Node> node_;
  Stream self_;
};

class TwoNodesTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kTtl = absl::Seconds(10);
  static constexpr absl::Duration kGrace = health::SessionBook::kOrphanGrace;
  static constexpr absl::Duration kTick = absl::Milliseconds(20);
  using Stream = Process::Stream;

  TwoNodesTest() {
    Start("A");
    Start("B");
    Register();
  }

  void Start(const std::string& id) {
    nodes_[id] = std::make_unique<Process>(shared_, clock_, queue_, random_, id);
    SetPresent(id, true);
  }
  void SetPresent(const std::string& id, bool present) {
    shared_.SetPresent(NodeId(id), present);
    queue_.RunReady();
    for (auto& [name, process] : nodes_) {
      node::Node& node = process->node();
      const bool known = node.catalog().NodePresent(NodeId(id));
      node.sessions().OnNodePresenceChanged(NodeId(id), known);
    }
  }
  // It is gone at once; the others learn of it when its lease has run out.
  void Kill(const std::string& id) {
    if (stream_at_ == id) stream_ = {};
    nodes_.erase(id);
  }
  void LeaseEnds(const std::string& id) { SetPresent(id, false); }
  // Groups of transactions that a node has asked the store for.
  size_t AskedBy(const std::string& id) { return At(id).store().groups().size(); }
  Process& At(const std::string& id) { return *nodes_.at(id); }

  // A session of one instance, registered at A.
  void Register() {
    v1::RegisterRequest request;
    request.set_session_id(kSession);
    request.set_session_secret(kSecret);
    request.set_open(true);
    request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(kTtl));
    *request.add_instances() = testing::SpecOf("web", "a");
    bool done = false;
    At("A").node().registry().Register(
        request, {clock_.Steady() + absl::Seconds(5), "10.0.0.9:1", nullptr},
        [&](absl::StatusOr<v1::RegisterResponse> response) { done = response.ok(); });
    queue_.RunReady();
    ROLLCALL_CHECK(done, "registered");
  }
  // In place of the client's former stream, which is left as it is.
  Stream OpenAt(const std::string& id) {
    Stream former = std::exchange(stream_, {});
    At(id).Open(stream_, kSession, kSecret);
    stream_at_ = id;
    queue_.RunReady();
    return former;
  }
  void KeepBeating(absl::Duration for_time) {
    for (absl::Duration t; t <= for_time; t += kTtl / 3) {
      queue_.PostAt(clock_.Steady() + t, [this] {
        if (stream_.open()) stream_.Beat();
      });
    }
    AdvanceBy(for_time);
  }
  void AdvanceBy(absl::Duration d) { queue_.AdvanceBy(d); }

  Versioned<internal::v1::SessionRecord> SessionAt(const std::string& node) {
    return At(node).node().catalog().Session(SessionId(kSession));
  }
  // "LIVE at A", as that node knows.
  std::string Where(const std::string& node) {
    const auto session = SessionAt(node);
    return absl::StrCat(internal::v1::SessionState_Name(session->state()).substr(14), " at ",
                        session->home());
  }
  // The same as long as nobody was told anything of the service.
  std::shared_ptr<const catalog::ServiceSnapshot> ViewAt(const std::string& node) {
    return At(node).node().views().Find({kDefaultNamespace, "web"});
  }
  bool Opened() {
    for (const auto& sent : stream_.stream->TakeSent()) {
      if (sent.has_opened()) return true;
    }
    return false;
  }
  bool Registered(const std::string& node) {
    const auto view = ViewAt(node);
    return view != nullptr && !view->instances.empty();
  }

  static constexpr char kSession[] = "0123456789abcdef0123456789abcdef";
  static constexpr char kSecret[] = "fedcba9876543210fedcba9876543210";

  testing::FakeClock clock_;
  testing::ManualExecutor queue_{clock_};
  base::SeededRandom random_{7};
  SharedStore shared_{clock_, queue_, random_};
  std::map<std::string, std::unique_ptr<Process>> nodes_;
  Stream stream_;  // the client's
  std::string stream_at_;
};

TEST_F(TwoNodesTest, AClientWhoseHomeDiedGoesOnElsewhereAndNoWatcherHearsOfIt) {
  OpenAt("A");
  KeepBeating(absl::Seconds(20));
  const auto before = ViewAt("B");
  Kill("A");
  AdvanceBy(absl::Seconds(1));
  OpenAt("B");
  EXPECT_TRUE(Opened());
  AdvanceBy(absl::Seconds(4));
  LeaseEnds("A");
  KeepBeating(absl::Minutes(2));
  EXPECT_EQ(Where("B"), "LIVE at B");
  EXPECT_EQ(ViewAt("B"), before) << "not even a revision";
  EXPECT_TRUE(stream_.open());
}

TEST_F(TwoNodesTest, OneThatComesAfterTheLeaseEndedButWithinAThirdOfItsTtlIsNotSuspectedEither) {
  OpenAt("A");
  const auto before = ViewAt("B");
  Kill("A");
  AdvanceBy(absl::Seconds(5));
  LeaseEnds("A");
  AdvanceBy(kTtl / 3 - kTick);
  OpenAt("B");
  EXPECT_TRUE(Opened());
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("B"), "LIVE at B");
  EXPECT_EQ(ViewAt("B"), before);
}

TEST_F(TwoNodesTest, OneThatComesLaterIsLiveAgain) {
  OpenAt("A");
  Kill("A");
  LeaseEnds("A");
  AdvanceBy(kTtl);
  EXPECT_EQ(Where("B"), "SUSPECT at A");
  OpenAt("B");
  EXPECT_TRUE(Opened());
  EXPECT_EQ(Where("B"), "LIVE at B");
  EXPECT_EQ(SessionAt("B")->stamp().cause(), v1::CAUSE_RENEWED);
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("B"), "LIVE at B");
}

TEST_F(TwoNodesTest, WhoComesNeverIsSuspectAndGoesWithTheCauseAndWhatWasSeen) {
  OpenAt("A");
  Kill("A");
  AdvanceBy(absl::Seconds(5));
  LeaseEnds("A");
  AdvanceBy(kTtl / 3);
  EXPECT_EQ(Where("B"), "LIVE at A");
  AdvanceBy(3 * kTick);
  EXPECT_EQ(Where("B"), "SUSPECT at A");
  EXPECT_EQ(SessionAt("B")->stamp().cause(), v1::CAUSE_BEAT_OVERDUE);
  EXPECT_EQ(SessionAt("B")->stamp().actor(), "B");
  AdvanceBy(kTtl * 2 / 3 + kGrace - 4 * kTick);
  EXPECT_TRUE(Registered("B"));
  AdvanceBy(4 * kTick);
  EXPECT_FALSE(Registered("B"));
  const auto stamp = SessionAt("B")->stamp();
  EXPECT_EQ(stamp.cause(), v1::CAUSE_EXPIRED);
  EXPECT_THAT(stamp.evidence(),
              AllOf(HasSubstr("node \"A\", went away"), HasSubstr("not opened on another node")));
}

TEST_F(TwoNodesTest, ANodeThatComesBackBeforeItsLeaseEndsJudgesItsSessionsWithTheirFullTtl) {
  OpenAt("A");
  Kill("A");
  AdvanceBy(absl::Seconds(4));
  Start("A");
  AdvanceBy(kTtl / 2);
  EXPECT_EQ(Where("A"), "LIVE at A");
  AdvanceBy(kTtl / 2 + 3 * kTick);
  EXPECT_EQ(SessionAt("B")->state(), internal::v1::SESSION_STATE_ENDED);
  EXPECT_EQ(SessionAt("B")->stamp().actor(), "A");
}

TEST_F(TwoNodesTest, AnEvictionIsNotCommittedWhenTheHomeIsBack) {
  OpenAt("A");
  Kill("A");
  LeaseEnds("A");
  AdvanceBy(kTtl + kGrace - kTick);
  const size_t asked = AskedBy("B");
  At("B").store().Next(Fate::kHeld);
  AdvanceBy(3 * kTick);
  EXPECT_EQ(AskedBy("B"), asked + 1) << "the eviction is on its way";
  Start("A");
  At("B").store().Release();
  AdvanceBy(kTtl / 2);
  EXPECT_EQ(Where("A"), "SUSPECT at A");
  OpenAt("A");
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("B"), "LIVE at A");
}

TEST_F(TwoNodesTest, AMoveClosesTheOldStreamWithoutSuspicion) {
  OpenAt("A");
  const auto before = ViewAt("A");
  const Stream old = OpenAt("B");
  EXPECT_TRUE(Opened());
  ASSERT_TRUE(old.stream->closed());
  EXPECT_EQ(old.stream->closed()->code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(old.stream->closed()->message()), HasSubstr("moved to another node"));
  old.protocol->OnEnd("it was closed");
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("A"), "LIVE at B");
  EXPECT_EQ(ViewAt("A"), before);
}

TEST_F(TwoNodesTest, ASuspicionThatIsCommittedAfterTheMoveChangesNothing) {
  OpenAt("A");
  const auto before = ViewAt("A");
  const size_t asked = AskedBy("A");
  At("A").store().Next(Fate::kHeld);
  stream_.protocol->OnEnd("the connection was lost");
  AdvanceBy(health::SuspicionCollector::kGather);
  EXPECT_EQ(AskedBy("A"), asked + 1) << "the suspicion is on its way";
  OpenAt("B");
  EXPECT_TRUE(Opened());
  At("A").store().Release();
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("A"), "LIVE at B");
  EXPECT_EQ(Where("B"), "LIVE at B");
  EXPECT_EQ(ViewAt("A"), before);
}

TEST_F(TwoNodesTest, ASuspicionThatIsCommittedBeforeTheMoveIsUndoneByIt) {
  OpenAt("A");
  At("B").store().Next(Fate::kHeld);
  const Stream old = OpenAt("B");
  old.protocol->OnEnd("the connection was lost");
  AdvanceBy(health::SuspicionCollector::kGather);
  EXPECT_EQ(Where("B"), "SUSPECT at A");
  EXPECT_FALSE(Opened());
  At("B").store().Release();
  queue_.RunReady();
  EXPECT_TRUE(Opened());
  EXPECT_EQ(Where("A"), "LIVE at B");
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("A"), "LIVE at B");
}

TEST_F(TwoNodesTest, AnOldHomeThatLagsSuspectsNobodyWhoHasMoved) {
  OpenAt("A");
  const auto before = ViewAt("B");
  const size_t asked = AskedBy("A");
  At("A").store().HoldChanges();
  const Stream old = OpenAt("B");
  EXPECT_TRUE(Opened());
  old.protocol->OnEnd("the connection was lost");
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(AskedBy("A"), asked + 1) << "the suspicion was submitted";
  At("A").store().ReleaseChanges();
  KeepBeating(absl::Minutes(1));
  EXPECT_EQ(Where("A"), "LIVE at B");
  EXPECT_EQ(ViewAt("B"), before);
}

TEST_F(TwoNodesTest, ANodeThatLagsDoesNotDenyASessionThatItDoesNotKnowYet) {
  Kill("B");
  Start("B");
  At("B").store().HoldChanges();
  v1::RegisterRequest request;
  request.set_session_id(std::string(32, 'c'));
  request.set_session_secret(kSecret);
  request.set_open(true);
  *request.add_instances() = testing::SpecOf("web", "c");
  At("A").node().registry().Register(
      request, {clock_.Steady() + absl::Seconds(5), "10.0.0.9:1", nullptr},
      [](const absl::StatusOr<v1::RegisterResponse>& response) { EXPECT_TRUE(response.ok()); });
  queue_.RunReady();
  At("B").Open(stream_, request.session_id(), kSecret);
  stream_at_ = "B";
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(stream_.open());
  EXPECT_TRUE(stream_.stream->TakeSent().empty());
  At("B").store().ReleaseChanges();
  queue_.RunReady();
  EXPECT_TRUE(Opened());
}

TEST_F(TwoNodesTest, ASessionThatEndedElsewhereIsToldSo) {
  OpenAt("A");
  Kill("A");
  LeaseEnds("A");
  AdvanceBy(kTtl + kGrace + 3 * kTick);
  OpenAt("B");
  const auto sent = stream_.stream->TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_EXPIRED);
}

}  // namespace
}  // namespace rollcall::sim
