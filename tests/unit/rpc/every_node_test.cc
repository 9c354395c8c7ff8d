// Questions that one node asks of all the others.
#include "server/rpc/every_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>

#include "server/model/times.h"
#include "tests/support/fake_clock.h"

namespace rollcall::rpc {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The other nodes, as a test answers for them.
class FakePeers final : public PeerOperations {
 public:
  void GetDrainStatus(const Peer& peer, const v1::GetDrainStatusRequest& request,
                      absl::Duration deadline, Reply<v1::GetDrainStatusResponse> reply) override {
    EXPECT_TRUE(request.this_node_only());
    deadlines[peer.id] = deadline;
    drains[peer.id] = std::move(reply);
  }
  void ListBrakes(const Peer& peer, const v1::ListBrakesRequest& request, absl::Duration,
                  Reply<v1::ListBrakesResponse> reply) override {
    EXPECT_TRUE(request.this_node_only());
    brakes[peer.id] = std::move(reply);
  }
  void ReleaseBrake(const Peer& peer, const v1::ReleaseBrakeRequest& request, absl::Duration,
                    Reply<v1::ReleaseBrakeResponse> reply) override {
    EXPECT_TRUE(request.this_node_only());
    EXPECT_EQ(request.actor(), "ops");
    releases[peer.id] = std::move(reply);
  }
  void GetStatus(const Peer&, absl::Duration, Reply<v1::GetStatusResponse>) override {
    FAIL() << "no operator asks one node for the status of another";
  }

  std::map<std::string, absl::Duration> deadlines;
  std::map<std::string, Reply<v1::GetDrainStatusResponse>> drains;
  std::map<std::string, Reply<v1::ListBrakesResponse>> brakes;
  std::map<std::string, Reply<v1::ReleaseBrakeResponse>> releases;
};

class EveryNodeTest : public ::testing::Test {
 protected:
  EveryNodeTest() {
    directory_.Listen([this](const cluster::NodeSnapshot& before,
                             const cluster::NodeSnapshot& now) { lost_.OnNodes(before, now); });
  }
  void Present(const std::string& id) {
    internal::v1::NodeRecord record;
    record.set_grpc_address(id + ":7400");
    directory_.OnControl("n/" + id, Revision(++revision_), record.SerializeAsString());
  }
  void Lose(const std::string& id) {
    Present(id);
    directory_.OnControl("n/" + id, Revision(++revision_), std::nullopt);
  }
  static v1::GetDrainStatusResponse Remembering(const std::string& id, absl::Duration gone_for) {
    v1::GetDrainStatusResponse status;
    status.set_complete(true);
    v1::UnreachableNode& node = *status.add_unreachable();
    node.set_id(id);
    node.set_address(id + ":7400");
    *node.mutable_gone_for() = ToProto(gone_for);
    return status;
  }
  Call CallWithin(absl::Duration d) { return {clock_.Steady() + d, "operator", nullptr}; }
  Reply<v1::GetDrainStatusResponse> AskDrain(absl::Duration within = absl::Seconds(30)) {
    return every_.DrainStatus({}, CallWithin(within), [this](auto all) {
      EXPECT_FALSE(drain_) << "answered twice";
      drain_ = std::move(all);
    });
  }
  static v1::GetDrainStatusResponse Status(bool complete, uint32_t applied) {
    v1::GetDrainStatusResponse status;
    status.set_complete(complete);
    status.set_applied(applied);
    if (!complete) status.add_laggards()->set_client_name("slow");
    return status;
  }

  testing::FakeClock clock_;
  cluster::NodeDirectory directory_{clock_};
  uint64_t revision_ = 0;
  FakePeers peers_;
  cluster::LostNodes lost_{NodeId("a"), absl::Minutes(10), clock_};
  EveryNode every_{NodeId("a"), directory_, lost_, peers_, clock_};
  std::optional<absl::StatusOr<v1::GetDrainStatusResponse>> drain_;
};

TEST_F(EveryNodeTest, ANodeAloneAnswersForItself) {
  Present("a");
  AskDrain()(Status(true, 3));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_TRUE((*drain_)->complete());
  EXPECT_EQ((*drain_)->applied(), 3u);
  EXPECT_THAT(peers_.drains, IsEmpty());
}

TEST_F(EveryNodeTest, AllArePutTogetherWhenTheLastHasAnswered) {
  for (const char* id : {"a", "b", "c"}) Present(id);
  auto own = AskDrain();
  ASSERT_EQ(peers_.drains.size(), 2u);
  peers_.drains["b"](Status(true, 2));
  own(Status(true, 1));
  EXPECT_FALSE(drain_);
  peers_.drains["c"](Status(false, 4));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_FALSE((*drain_)->complete());
  EXPECT_EQ((*drain_)->applied(), 7u);
  EXPECT_EQ((*drain_)->laggards_size(), 1);
  EXPECT_EQ((*drain_)->unreachable_size(), 0);
}

TEST_F(EveryNodeTest, ADrainIsNotCompleteWhileANodeDoesNotAnswer) {
  for (const char* id : {"a", "b"}) Present(id);
  AskDrain()(Status(true, 1));
  peers_.drains["b"](absl::DeadlineExceededError("no answer from b:7400 within 2s"));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_FALSE((*drain_)->complete());
  ASSERT_EQ((*drain_)->unreachable_size(), 1);
  EXPECT_EQ((*drain_)->unreachable(0).id(), "b");
  EXPECT_EQ((*drain_)->unreachable(0).address(), "b:7400");
  EXPECT_EQ((*drain_)->unreachable(0).why(), "no answer from b:7400 within 2s");
}

TEST_F(EveryNodeTest, ALostNodeIsAskedAndNamedIfItDoesNotAnswer) {
  Lose("b");
  clock_.AdvanceBy(absl::Seconds(12));
  AskDrain()(Status(true, 1));
  ASSERT_FALSE(drain_);
  peers_.drains.at("b")(absl::UnavailableError("connection refused"));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_FALSE((*drain_)->complete());
  ASSERT_EQ((*drain_)->unreachable_size(), 1);
  const v1::UnreachableNode& b = (*drain_)->unreachable(0);
  EXPECT_EQ(b.id(), "b");
  EXPECT_EQ(b.address(), "b:7400");
  EXPECT_EQ(b.gone_for().seconds(), 12);
  EXPECT_EQ(b.why(), "connection refused");
}

TEST_F(EveryNodeTest, ALostNodeThatIsAliveAnswersForItsWatchers) {
  Lose("b");
  AskDrain()(Status(true, 1));
  peers_.drains.at("b")(Status(false, 2));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_FALSE((*drain_)->complete());
  EXPECT_EQ((*drain_)->applied(), 3u);
  EXPECT_EQ((*drain_)->laggards_size(), 1);
  EXPECT_EQ((*drain_)->unreachable_size(), 0);
}

TEST_F(EveryNodeTest, ALostNodeThatOnlyOthersRememberIsAskedToo) {
  Present("c");
  Present("d");
  AskDrain()(Status(true, 1));
  v1::GetDrainStatusResponse from_c = Remembering("b", absl::Seconds(30));
  from_c.MergeFrom(Remembering("d", absl::Seconds(30)));  // It is back.
  from_c.MergeFrom(Remembering("a", absl::Seconds(30)));
  peers_.drains.at("c")(from_c);
  peers_.drains.at("d")(Remembering("b", absl::Seconds(31)));
  ASSERT_FALSE(drain_);
  ASSERT_EQ(peers_.drains.count("b"), 1u);
  peers_.drains.at("b")(absl::DeadlineExceededError(""));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_FALSE((*drain_)->complete());
  ASSERT_EQ((*drain_)->unreachable_size(), 1);
  EXPECT_EQ((*drain_)->unreachable(0).id(), "b");
  EXPECT_EQ((*drain_)->unreachable(0).gone_for().seconds(), 30);
  EXPECT_EQ((*drain_)->unreachable(0).why(), "DEADLINE_EXCEEDED");
}

TEST_F(EveryNodeTest, WhoIsRememberedButAnswersIsNotNamed) {
  Lose("b");
  Present("c");
  AskDrain()(Status(true, 1));
  peers_.drains.at("c")(Remembering("b", absl::Seconds(30)));
  peers_.drains.at("b")(Status(true, 2));
  ASSERT_TRUE(drain_ && drain_->ok());
  EXPECT_TRUE((*drain_)->complete());
  EXPECT_EQ((*drain_)->unreachable_size(), 0);
}

TEST_F(EveryNodeTest, AnotherNodeIsToldWhoIsLostHere) {
  Lose("b");
  clock_.AdvanceBy(absl::Seconds(5));
  v1::GetDrainStatusResponse own;
  every_.AddLost(own);
  ASSERT_EQ(own.unreachable_size(), 1);
  EXPECT_EQ(own.unreachable(0).id(), "b");
  EXPECT_EQ(own.unreachable(0).gone_for().seconds(), 5);
}

TEST_F(EveryNodeTest, NodesHaveTwoSecondsOrWhatLeavesTimeToSayWhoWasSilent) {
  Present("b");
  AskDrain();
  EXPECT_EQ(peers_.deadlines["b"], EveryNode::kPeerDeadline);
  AskDrain(absl::Seconds(1));
  EXPECT_EQ(peers_.deadlines["b"], absl::Milliseconds(900));
}

TEST_F(EveryNodeTest, BrakesOfAllNodesAreListedAndSilentOnesNamed) {
  for (const char* id : {"a", "b", "c"}) Present(id);
  std::optional<absl::StatusOr<v1::ListBrakesResponse>> answer;
  auto own = every_.Brakes({}, CallWithin(absl::Seconds(9)), [&](auto all) { answer = all; });
  v1::ListBrakesResponse brakes;
  brakes.add_brakes()->set_node_id("b");
  peers_.brakes["b"](brakes);
  peers_.brakes["c"](absl::UnavailableError("c:7400: connection refused"));
  brakes.mutable_brakes(0)->set_node_id("a");
  own(brakes);
  ASSERT_TRUE(answer && answer->ok());
  std::vector<std::string> nodes;
  for (const auto& brake : (*answer)->brakes()) nodes.push_back(brake.node_id());
  EXPECT_THAT(nodes, UnorderedElementsAre("a", "b"));
  ASSERT_EQ((*answer)->unreachable_size(), 1);
  EXPECT_EQ((*answer)->unreachable(0).id(), "c");
}

TEST_F(EveryNodeTest, ABrakeIsReleasedEverywhereAndTheCountsAdded) {
  for (const char* id : {"a", "b"}) Present(id);
  v1::ReleaseBrakeRequest request;
  request.set_actor("ops");
  std::optional<absl::StatusOr<v1::ReleaseBrakeResponse>> answer;
  auto own =
      every_.ReleaseBrake(request, CallWithin(absl::Seconds(9)), [&](auto all) { answer = all; });
  v1::ReleaseBrakeResponse released;
  released.set_released(2);
  own(released);
  released.set_released(3);
  peers_.releases["b"](released);
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->released(), 5u);
}

TEST_F(EveryNodeTest, WithoutThisNodesOwnAnswerThereIsNone) {
  for (const char* id : {"a", "b"}) Present(id);
  AskDrain()(absl::InternalError("broken"));
  EXPECT_FALSE(drain_);
  peers_.drains["b"](absl::UnavailableError("gone"));
  ASSERT_TRUE(drain_);
  EXPECT_EQ(drain_->status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace rollcall::rpc
