// etcd's members may fail, all of them for a while: nobody is wronged by it.
#include <functional>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

using nlohmann::json;

class MembersTest : public ClusterTest {
 protected:
  v1::ResolveResponse ResolveAny(size_t i) {
    v1::ResolveRequest request;
    request.set_service("user");
    return node(i).client().Get(&v1::Discovery::Stub::Resolve, request);
  }
};

TEST_F(MembersTest, WritesGoOnWhenAMemberDiesOrStandsStill) {
  Start({}, {.members = 3});
  const auto service = StartInstance(cluster().addresses(), "user", "u0", absl::Seconds(3));
  cluster().AwaitStreams(1);
  Watch watch(node(1).client(), "user");
  const auto leader = [&] { return etcd().AwaitLeader(); };
  const auto follower = [&] { return (etcd().AwaitLeader() + 1) % 3; };
  const std::vector<std::pair<std::string, std::function<size_t()>>> victims = {
      {"follower", follower}, {"leader", leader}};
  for (const auto& [what, find] : victims) {
    for (const bool kill : {true, false}) {
      const std::string name = absl::StrCat(what, kill ? "-killed" : "-stopped");
      const size_t victim = find();
      const Stopwatch since;
      kill ? etcd().Kill(victim) : etcd().Stop(victim);
      for (size_t i = 0; i < 3; ++i) WriteAtLast(i, absl::StrCat(name, i));
      std::cout << "measured: " << name << ": written at every node after " << since.elapsed()
                << "\n";
      kill ? etcd().Restart(victim) : etcd().Continue(victim);
      etcd().AwaitHealthy();
    }
  }
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(node(i).client().Instances("fixed").instances_size(), 12) << "node " << i;
  }
  const int told = watch.told();
  const int flushed = flushes();
  Flush(0, watch);
  EXPECT_EQ(watch.told() - told, flushes() - flushed) << "somebody was suspected";
}

TEST_F(MembersTest, WithoutAQuorumEverythingIsServedAndNobodyIsLost) {
  constexpr absl::Duration kTtl = absl::Seconds(2);
  constexpr absl::Duration kOutage = absl::Seconds(8);
  Start({}, {.members = 3});
  const auto services = StartInstances(0, "u", 3, kTtl);
  const auto doomed = StartInstance(node(2).address(), "user", "doomed", kTtl);
  // The test itself beats, as often as it comes to it.
  Session session(node(1).client(), Registration({Spec("user", "raw")}, 3 * kTtl));
  cluster().AwaitStreams(5);
  Watch watch(node(1).client(), "user");
  ASSERT_EQ(watch.instances().size(), 5u);
  const auto before = watch.instances();
  const int told = watch.told();

  const Stopwatch outage;
  etcd().Kill(0);
  etcd().Kill(1);
  const Stopwatch asked;
  EXPECT_TRUE(Undecided(Write(0, Fixed("f"))));
  EXPECT_LT(asked.elapsed(), kRefusalLimit);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(Eventually([&] { return !ResolveAny(i).store_reachable(); })) << "node " << i;
  }
  doomed->Kill();
  while (outage.elapsed() < kOutage) {
    session.Beat();
    for (size_t i = 0; i < 3; ++i) {
      const v1::ResolveResponse read = ResolveAny(i);
      EXPECT_EQ(read.instances_size(), 5) << "node " << i;
      EXPECT_FALSE(read.store_reachable()) << "node " << i;
      EXPECT_GT(read.age().seconds() + read.age().nanos(), 0) << "node " << i;
    }
    EXPECT_EQ(services[0]->Wait(absl::Milliseconds(200)), std::nullopt);
  }
  EXPECT_EQ(watch.told(), told);

  etcd().Restart(0);
  etcd().Restart(1);
  std::optional<Stopwatch> since_back;
  // One that beats, until the store is there again and the dead one is gone.
  ASSERT_TRUE(Eventually([&] {
    session.Beat();
    if (!since_back && ResolveAny(2).store_reachable()) since_back.emplace();
    return node(1).client().StandingOf("user", "doomed") == v1::STANDING_UNSPECIFIED;
  }));
  ASSERT_TRUE(since_back);
  std::cout << "measured: a service that died in the outage was removed " << since_back->elapsed()
            << " after it\n";
  EXPECT_GE(since_back->elapsed(), kTtl - absl::Milliseconds(300));
  EXPECT_EQ(watch.UntilRemoved("doomed"), v1::CAUSE_EXPIRED);
  Flush(0, watch);
  EXPECT_EQ(watch.removed().size(), 1u);
  for (const auto& [id, was] : before) {
    if (id == "doomed") continue;
    ASSERT_EQ(watch.StandingOf(id), v1::STANDING_PASSING) << id;
    EXPECT_EQ(watch.instances().at(id).revision(), was.revision()) << id << " was suspected";
  }
}

TEST_F(MembersTest, AMemberThatLostItsDataCostsNothing) {
  Start({.nodes = 2}, {.members = 3});
  for (int i = 0; i < 20; ++i) WriteAtLast(i % 2, absl::StrCat("f", i));
  const size_t victim = etcd().AwaitLeader();
  etcd().Kill(victim);
  for (size_t i = 0; i < 3; ++i) {
    if (i != victim) etcd().AwaitHealthy(i);
  }
  etcd().RestartEmpty(victim);
  WriteAtLast(0, "meanwhile");
  etcd().AwaitHealthy();
  // From here on nothing is decided without the new one.
  etcd().Kill((victim + 1) % 3);
  WriteAtLast(1, "afterwards");
  for (size_t i = 0; i < 2; ++i) {
    // A node whose watch was at the member that died hears of it at another one.
    EXPECT_TRUE(Eventually([&] {
      return node(i).client().Instances("fixed").instances_size() == 22;
    })) << "node "
        << i;
  }
}

TEST_F(MembersTest, AFullEtcdRefusesWritesAndGoesOnByItselfWhenThereIsSpace) {
  Start({.nodes = 2, .flags = {"--etcd-quota", "4MiB"}}, {.quota = 4 << 20});
  const std::string large(15 << 10, 'x');
  grpc::Status status;
  int written = 0;
  // The same instance with other content: old revisions fill the space.
  while (status.ok() && written < 2000) {
    status = node(0).client().TryRegister(Fixed("big", absl::StrCat(large, ++written)));
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(node(i).client().Instances("fixed").instances_size(), 1);
    EXPECT_TRUE(node(i).Status().store_reachable()) << "node " << i;
    EXPECT_EQ(node(i).client().TryRegister(Fixed("big", large)).error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  EtcdProcess& member = etcd().member(0);
  const json found = json::parse(member.Admin("/v3/kv/range", R"({"key": "YQ=="})"));
  const std::string revision = found.at("header").at("revision");
  member.Admin("/v3/kv/compaction", json{{"revision", revision}, {"physical", true}}.dump());
  member.Admin("/v3/maintenance/defragment", "{}");
  const json alarms = json::parse(member.Admin("/v3/maintenance/alarm", R"({"action": "GET"})"));
  for (const json& alarm : alarms.value("alarms", json::array())) {
    json off = alarm;
    off["action"] = "DEACTIVATE";
    member.Admin("/v3/maintenance/alarm", off.dump());
  }
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(
        Eventually([&] { return node(i).client().TryRegister(Fixed(absl::StrCat("f", i))).ok(); }));
  }
}

}  // namespace
}  // namespace rollcall::integration
