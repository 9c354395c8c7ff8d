// Who went without saying so, and how long that is remembered.
#include "server/cluster/lost_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"

namespace rollcall::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LostNodesTest : public ::testing::Test {
 protected:
  LostNodesTest() {
    directory_.Listen([this](const NodeSnapshot& before, const NodeSnapshot& now) {
      lost_.OnNodes(before, now);
    });
  }
  void Present(const std::string& id, const std::string& address = "", bool leaving = false) {
    internal::v1::NodeRecord record;
    record.set_grpc_address(address.empty() ? id + ":7400" : address);
    record.set_leaving(leaving);
    directory_.OnControl("n/" + id, Revision(++revision_), record.SerializeAsString());
  }
  void Gone(const std::string& id) {
    directory_.OnControl("n/" + id, Revision(++revision_), std::nullopt);
  }
  void Lose(const std::string& id) {
    Present(id);
    Gone(id);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const LostNode& node : lost_.Recent()) ids.push_back(node.id);
    return ids;
  }

  testing::FakeClock clock_;
  NodeDirectory directory_{clock_};
  LostNodes lost_{NodeId("self"), absl::Minutes(10), clock_};
  uint64_t revision_ = 0;
};

TEST_F(LostNodesTest, WhoGoesWithoutAWordIsRememberedWithItsAddress) {
  Lose("b");
  clock_.AdvanceBy(absl::Seconds(7));
  ASSERT_THAT(Ids(), ElementsAre("b"));
  EXPECT_EQ(lost_.Recent()[0].grpc_address, "b:7400");
  EXPECT_EQ(clock_.Steady() - lost_.Recent()[0].since, absl::Seconds(7));
}

TEST_F(LostNodesTest, WhoLeavesInGoodOrderIsNotLost) {
  Present("b");
  Present("b", "", true);
  Gone("b");
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(LostNodesTest, WhoIsBackUnderItsIdIsNotLostAnyMore) {
  Lose("b");
  Lose("c");
  Present("b", "elsewhere:7400");
  EXPECT_THAT(Ids(), ElementsAre("c"));
}

TEST_F(LostNodesTest, WhoseAddressAnotherNodeHasIsNotLostAnyMore) {
  Lose("b");
  Present("d", "b:7400");
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(LostNodesTest, TheMemoryEndsWithTheWindow) {
  Lose("b");
  clock_.AdvanceBy(absl::Minutes(4));
  Lose("c");
  clock_.AdvanceBy(absl::Minutes(6) - absl::Nanoseconds(1));
  EXPECT_THAT(Ids(), ElementsAre("b", "c"));
  clock_.AdvanceBy(absl::Nanoseconds(1));
  EXPECT_THAT(Ids(), ElementsAre("c"));
}

TEST_F(LostNodesTest, ThisNodeIsNotLostToItself) {
  Lose("self");
  EXPECT_THAT(Ids(), IsEmpty());
}

TEST_F(LostNodesTest, OfTooManyTheNewestAreRemembered) {
  for (size_t i = 0; i < LostNodes::kMaxLostNodes + 5; ++i) Lose(absl::StrCat("n", i));
  const std::vector<LostNode> recent = lost_.Recent();
  ASSERT_EQ(recent.size(), LostNodes::kMaxLostNodes);
  EXPECT_EQ(recent.front().id, "n5");
}

}  // namespace
}  // namespace rollcall::cluster
