#include "server/rpc/node_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/model/times.h"
#include "tests/support/fake_clock.h"

namespace rollcall::rpc {
namespace {

using ::testing::ElementsAre;

class NodeListTest : public ::testing::Test {
 protected:
  struct Answer {
    uint64_t revision = 0;
    uint64_t hash = 0;
  };
  void Present(const std::string& id) { Present(id, {}); }
  void Present(const std::string& id, const Answer& answer) {
    internal::v1::NodeRecord record;
    record.set_grpc_address(id + ":7400");
    record.mutable_load()->set_sessions(7);
    record.mutable_load()->set_ready(true);
    if (answer.revision > 0) {
      record.mutable_audit()->set_revision(answer.revision);
      record.mutable_audit()->set_hash(answer.hash);
    }
    directory_.OnControl("n/" + id, Revision(++revision_), record.SerializeAsString());
  }
  v1::ListNodesResponse List(const std::string& self = "a") {
    v1::Node node;
    node.set_id(self);
    node.set_sessions(8);
    v1::ListNodesResponse response;
    FillNodes(*directory_.snapshot(), node, clock_.Steady(), response);
    return response;
  }
  std::vector<v1::NodeAudit> Audits() {
    std::vector<v1::NodeAudit> audits;
    const v1::ListNodesResponse list = List();
    for (const v1::Node& node : list.nodes()) audits.push_back(node.audit());
    return audits;
  }

  testing::FakeClock clock_;
  cluster::NodeDirectory directory_{clock_};
  uint64_t revision_ = 0;
};

TEST_F(NodeListTest, NodesStandByIdAndSayWhoWasAskedAndWhoSweeps) {
  Present("b");
  Present("a");
  directory_.OnControl("e/sweeper", Revision(9), "b");
  const v1::ListNodesResponse list = List();
  ASSERT_EQ(list.nodes_size(), 2);
  EXPECT_EQ(list.nodes(0).id(), "a");
  EXPECT_TRUE(list.nodes(0).is_self());
  EXPECT_FALSE(list.nodes(0).is_sweeper());
  EXPECT_EQ(list.nodes(1).grpc_address(), "b:7400");
  EXPECT_FALSE(list.nodes(1).is_self());
  EXPECT_TRUE(list.nodes(1).is_sweeper());
}

TEST_F(NodeListTest, OfItselfANodeKnowsMoreThanItsRecordSays) {
  Present("a");
  Present("b");
  clock_.AdvanceBy(absl::Seconds(4));
  const v1::ListNodesResponse list = List();
  EXPECT_EQ(list.nodes(0).sessions(), 8u);
  EXPECT_EQ(FromProto(list.nodes(0).load_age()), absl::ZeroDuration());
  EXPECT_EQ(list.nodes(1).sessions(), 7u);
  EXPECT_EQ(FromProto(list.nodes(1).load_age()), absl::Seconds(4));
}

TEST_F(NodeListTest, ANodeThatIsNotPresentListsItself) {
  Present("b");
  EXPECT_EQ(List("x").nodes_size(), 2);
}

TEST_F(NodeListTest, NobodyHasAnsweredAnAuditYet) {
  Present("a");
  Present("b");
  EXPECT_THAT(Audits(), ElementsAre(v1::NODE_AUDIT_UNKNOWN, v1::NODE_AUDIT_UNKNOWN));
}

TEST_F(NodeListTest, TheOneThatStandsApartDiffers) {
  Present("a", {5, 1});
  Present("b", {5, 2});
  Present("c", {5, 1});
  EXPECT_THAT(Audits(),
              ElementsAre(v1::NODE_AUDIT_AGREES, v1::NODE_AUDIT_DIFFERS, v1::NODE_AUDIT_AGREES));
}

TEST_F(NodeListTest, WithoutAMajorityNobodyIsCalledRight) {
  Present("a", {5, 1});
  Present("b", {5, 2});
  EXPECT_THAT(Audits(), ElementsAre(v1::NODE_AUDIT_DIFFERS, v1::NODE_AUDIT_DIFFERS));
}

TEST_F(NodeListTest, AnAnswerToAnOlderAuditSaysNothingOfTheNewest) {
  Present("a", {6, 1});
  Present("b", {5, 2});
  Present("c", {6, 1});
  EXPECT_THAT(Audits(),
              ElementsAre(v1::NODE_AUDIT_AGREES, v1::NODE_AUDIT_UNKNOWN, v1::NODE_AUDIT_AGREES));
  EXPECT_EQ(List().nodes(1).audit_revision(), 5u);
}

}  // namespace
}  // namespace rollcall::rpc
