#include "server/cluster/node_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/model/keys.h"
#include "tests/support/fake_clock.h"

namespace rollcall::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NodeDirectoryTest : public ::testing::Test {
 protected:
  struct Says {
    bool ready = true;
    bool draining = false;
    std::string address;
  };
  void Present(const std::string& id) { Present(id, {}); }
  void Present(const std::string& id, const Says& says) {
    internal::v1::NodeRecord record;
    record.set_id(id);
    record.set_grpc_address(says.address.empty() ? id + ":7400" : says.address);
    record.set_draining(says.draining);
    record.mutable_load()->set_ready(says.ready);
    directory_.OnControl("n/" + id, Revision(++revision_), record.SerializeAsString());
  }
  void Gone(const std::string& id) {
    directory_.OnControl("n/" + id, Revision(++revision_), std::nullopt);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const PresentNode& node : directory_.snapshot()->nodes) ids.push_back(node.record.id());
    return ids;
  }

  testing::FakeClock clock_;
  NodeDirectory directory_{clock_};
  uint64_t revision_ = 0;
};

TEST_F(NodeDirectoryTest, ListsWhoIsPresentById) {
  Present("b");
  Present("c");
  Present("a");
  EXPECT_THAT(Ids(), ElementsAre("a", "b", "c"));
  Gone("b");
  EXPECT_THAT(Ids(), ElementsAre("a", "c"));
  EXPECT_NE(directory_.snapshot()->Find(NodeId("c")), nullptr);
  EXPECT_EQ(directory_.snapshot()->Find(NodeId("b")), nullptr);
  EXPECT_EQ(directory_.snapshot()->Find(NodeId("d")), nullptr);
}

TEST_F(NodeDirectoryTest, ClientsAreSentOnlyToNodesThatAreReadyAndDoNotDrain) {
  Present("b");
  Present("a");
  Present("starting", {.ready = false});
  Present("leaving", {.draining = true});
  EXPECT_THAT(*directory_.servers(), ElementsAre("a:7400", "b:7400"));
}

TEST_F(NodeDirectoryTest, OneAddressIsToldOnce) {
  Present("a", {.address = "lb:7400"});
  Present("b", {.address = "lb:7400"});
  EXPECT_THAT(*directory_.servers(), ElementsAre("lb:7400"));
}

TEST_F(NodeDirectoryTest, TheServerListIsTheSameObjectUntilItChanges) {
  Present("a");
  const ServerNames before = directory_.servers();
  Present("a");  // its load, say
  Present("b", {.ready = false});
  EXPECT_EQ(directory_.servers(), before);
  Present("b");
  EXPECT_NE(directory_.servers(), before);
}

TEST_F(NodeDirectoryTest, TheServerListIsBounded) {
  for (size_t i = 0; i < NodeDirectory::kMaxServers + 5; ++i) Present(std::to_string(i));
  EXPECT_EQ(directory_.servers()->size(), NodeDirectory::kMaxServers);
}

TEST_F(NodeDirectoryTest, ANodeWhoseRecordCannotBeReadIsPresentAllTheSame) {
  directory_.OnControl("n/odd", Revision(1), std::string("\xff\xff"));
  EXPECT_THAT(Ids(), ElementsAre("odd"));
  EXPECT_THAT(*directory_.servers(), IsEmpty());
}

TEST_F(NodeDirectoryTest, KnowsTheSweeper) {
  directory_.OnControl(kSweeperKey, Revision(1), "a");
  EXPECT_EQ(directory_.snapshot()->sweeper, NodeId("a"));
  directory_.OnControl(kSweeperKey, Revision(2), std::nullopt);
  EXPECT_EQ(directory_.snapshot()->sweeper, NodeId(""));
}

TEST_F(NodeDirectoryTest, TellsItsListenersOfChangesAlone) {
  int told = 0;
  directory_.Listen([&](const NodeSnapshot& before, const NodeSnapshot& now) {
    ++told;
    EXPECT_NE(before.nodes.size(), now.nodes.size());
  });
  Present("a");
  EXPECT_EQ(told, 1);
  Gone("b");
  directory_.OnControl("e/reload", Revision(9), "a");
  directory_.OnControl("c/audit", Revision(9), "x");
  // The same record again, as after the watch was made anew.
  directory_.OnControl("n/a", Revision(1), "");
  EXPECT_EQ(told, 1);
}

TEST_F(NodeDirectoryTest, RemembersWhenItSawARecord) {
  clock_.AdvanceBy(absl::Seconds(3));
  Present("a");
  const auto seen = directory_.snapshot()->Find(NodeId("a"))->seen;
  clock_.AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(clock_.Steady() - seen, absl::Seconds(2));
}

TEST_F(NodeDirectoryTest, ASnapshotInHandDoesNotChange) {
  Present("a");
  const auto before = directory_.snapshot();
  Gone("a");
  EXPECT_EQ(before->nodes.size(), 1u);
  EXPECT_THAT(Ids(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::cluster
