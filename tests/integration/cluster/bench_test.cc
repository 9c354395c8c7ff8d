// `rollcall bench` in a cluster: what a watch at another node is told of, and when.
#include "nlohmann/json.hpp"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

class ClusterBenchTest : public ClusterTest {};

TEST_F(ClusterBenchTest, AWatchAtAnotherNodeIsToldOfEveryRegistration) {
  Start({.nodes = 2});
  const Outcome bench = node(0).Cli(
      {"bench", "--rate", "20", "--for", "1s", "--timeout", "30s", "--ttl", "60s", "-o", "json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.out << bench.err;
  const auto json = nlohmann::json::parse(bench.out);
  EXPECT_EQ(json["node_id"], node(0).id());
  EXPECT_EQ(json["other_node_id"], node(1).id());
  const auto& other = json["works"].back();
  EXPECT_EQ(other["work"], "watch_other_node");
  EXPECT_EQ(other["done"], 20);
  EXPECT_EQ(node(1).Status().sessions() + node(0).Status().sessions(), 0u);
}

}  // namespace
}  // namespace rollcall::integration
