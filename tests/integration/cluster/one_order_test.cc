// Several nodes are one registry: what one of them acknowledged the others show, in the same order.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

class OneOrderTest : public ClusterTest {
 protected:
  // A node that lags for two seconds says so instead of waiting longer: then it is asked again.
  v1::ResolveResponse Resolve(size_t i, const v1::ResolveRequest& request) {
    v1::ResolveResponse response;
    grpc::Status status;
    Eventually([&] {
      status = node(i).client().Call(&v1::Discovery::Stub::Resolve, request, response);
      return status.error_code() != grpc::StatusCode::UNAVAILABLE;
    });
    Require(status, "Resolve");
    return response;
  }
  void AwaitRevision(size_t i, uint64_t revision) {
    if (!Eventually([&] { return node(i).client().Revision() >= revision; })) {
      Fail(absl::StrCat("node ", i, " does not come to revision ", revision));
    }
  }
  static v1::ResolveRequest Request() {
    v1::ResolveRequest request;
    request.set_service("user");
    return request;
  }
};

TEST_F(OneOrderTest, WhatOneNodeAcknowledgedEveryOtherShows) {
  Start();
  std::vector<std::unique_ptr<Watch>> watches;
  for (size_t i = 0; i < 3; ++i) {
    watches.push_back(std::make_unique<Watch>(node(i).client(), "user"));
  }
  for (int round = 0; round < 30; ++round) {
    const size_t writer = round % 3;
    const std::string id = absl::StrCat("u", round);
    const auto written = Register(writer, Registration({Spec("user", id)}, kLong));
    for (size_t i = 0; i < 3; ++i) {
      v1::ResolveRequest request = Request();
      if (round % 2 == 0) {
        request.set_at_least_revision(written.revision());
        request.set_store_id(written.store_id());
      } else {
        request.set_consistency(v1::CONSISTENCY_LATEST);
      }
      const v1::ResolveResponse read = Resolve(i, request);
      EXPECT_EQ(read.instances_size(), round + 1) << "node " << i << " shows what was before";
      EXPECT_GE(read.revision(), written.revision());
    }
    for (const auto& watch : watches) watch->UntilStanding(id, v1::STANDING_PASSING);
  }
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(ReachesStore(i));
  for (const auto& watch : watches) {
    for (const auto& [id, instance] : watch->instances()) {
      EXPECT_EQ(instance.revision(), watches[0]->instances().at(id).revision());
    }
  }
}

TEST_F(OneOrderTest, AWatchGoesOnAtAnotherNode) {
  Start();
  Register(0, Registration({Spec("user", "u1"), Spec("user", "u2")}, kLong));
  WatchOptions resume;
  {
    Watch watch(node(0).client(), "user");
    resume.resume_revision = watch.revision();
    resume.store_id = watch.store_id();
  }
  Register(1, Registration({Spec("user", "u3")}, kLong));
  // A watch from what a node does not know yet is refused.
  AwaitRevision(2, resume.resume_revision);
  Watch watch(node(2).client(), "user", resume);
  watch.UntilStanding("u3", v1::STANDING_PASSING);
  EXPECT_EQ(watch.snapshots(), 0);
  EXPECT_EQ(watch.told(), 1);
}

TEST_F(OneOrderTest, ARevisionOfAnotherStoreIsNotWaitedFor) {
  Start({.nodes = 1});
  v1::ResolveRequest request = Request();
  request.set_at_least_revision(1);
  request.set_store_id(std::string(32, 'a'));
  v1::ResolveResponse ignored;
  const grpc::Status status =
      node(0).client().Call(&v1::Discovery::Stub::Resolve, request, ignored);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_THAT(status.error_message(), HasSubstr("store_id"));
}

TEST_F(OneOrderTest, ADrainWaitsForAWatcherOfAnotherNode) {
  Start();
  Register(0, Registration({Spec("user", "u1")}, kLong));
  Watch watch(node(1).client(), "user", {.will_ack = true, .client_name = "gateway-7"});
  Process drain(
      {Registry::CliProgram(), "--server", node(0).address(), "drain", "user/u1", "--wait"});
  Watch(node(1).client(), "user").UntilStanding("u1", v1::STANDING_DRAINING);
  // This watcher acknowledges only what is taken below.
  EXPECT_EQ(drain.Wait(absl::Milliseconds(500)), std::nullopt) << drain.out();
  watch.UntilStanding("u1", v1::STANDING_DRAINING);
  EXPECT_EQ(drain.Wait(), 0) << drain.err();
}

TEST_F(OneOrderTest, ADrainNamesANodeThatStandsStill) {
  Start();
  Register(0, Registration({Spec("user", "u1")}, kLong));
  node(2).Freeze();
  const Outcome drain = node(0).Cli({"--timeout", "4s", "drain", "user/u1", "--wait"});
  EXPECT_EQ(drain.exit_code, 1) << drain.out;
  EXPECT_THAT(drain.err, HasSubstr("node-2"));
  Watch(node(1).client(), "user").UntilStanding("u1", v1::STANDING_DRAINING);
}

TEST_F(OneOrderTest, TheNodesAgreeWhenTheyAreAudited) {
  Start({.flags = {"--audit-interval", "6s"}});
  Register(0, Registration({Spec("user", "u1")}, kLong));
  Register(1, Registration({Spec("user", "u2")}, kLong));
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(Eventually([&] { return node(i).Metric("rollcall_audits_total") > 0; })) << i;
  }
  ASSERT_TRUE(Eventually([&] {
    const auto nodes = cluster().NodesSeenBy(1);
    return nodes.size() == 3 && std::all_of(nodes.begin(), nodes.end(), [](const auto& node) {
             return node.second.audit() == v1::NODE_AUDIT_AGREES;
           });
  }));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(node(i).Metric("rollcall_audit_differences_total"), 0) << i;
    EXPECT_EQ(node(i).Metric("rollcall_audit_reloads_total"), 0) << i;
  }
}

}  // namespace
}  // namespace rollcall::integration
