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
  const auto service = StartInstance(cluster().addresses(), "user", "u0", kLivelyTtl);
  cluster().AwaitStreams(1);
  Watch watch(node(1).client(), "user");
  watch.UntilStanding("u0", v1::STANDING_PASSING);
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
    EXPECT_TRUE(Shows(i, "fixed", 12));
  }
  const int told = watch.told();
  const int flushed = flushes();
  Flush(0, watch);
  EXPECT_EQ(watch.told() - told, flushes() - flushed) << "somebody was suspected";
}

TEST_F(MembersTest, WithoutAQuorumEverythingIsServedAndNobodyIsLost) {
  constexpr absl::Duration kTtl = absl::Seconds(5);
  constexpr absl::Duration kOutage = absl::Seconds(12);
  Start({}, {.members = 3});
  const auto services = StartInstances(0, "u", 3, kTtl);
  const auto doomed = StartInstance(node(2).address(), "user", "doomed", kTtl);
  // The test itself beats, as often as it comes to it.
  Session session(node(1).client(), Register(1, Registration({Spec("user", "raw")}, 3 * kTtl)));
  cluster().AwaitStreams(5);
  for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(Shows(i, "user", 5));
  Watch watch(node(1).client(), "user");
  watch.Until("all five", [](const Watch& w) { return w.instances().size() == 5; });
  const auto before = watch.instances();
  const int told = watch.told();

  const Stopwatch outage;
  etcd().Kill(0);
  etcd().Kill(1);
  // The node's answer comes a tenth of a second before the caller gives up: on a loaded machine not
  // each time.
  EXPECT_TRUE(Eventually([&] {
    const Stopwatch asked;
    const grpc::Status status = Write(0, Fixed("f"));
    EXPECT_FALSE(status.ok());
    EXPECT_LT(asked.elapsed(), kRefusalLimit);
    return Undecided(status);
  }));
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

  // No node can have its store again before.
  const Stopwatch since_restart;
  etcd().Restart(0);
  etcd().Restart(1);
  // One that beats, until the store is there again and the dead one is gone.
  ASSERT_TRUE(Eventually([&] {
    session.Beat();
    return node(1).client().Instances("user").instances_size() == 4;
  }));
  std::cout << "measured: a service that died in the outage was removed " << since_restart.elapsed()
            << " after it\n";
  EXPECT_GE(since_restart.elapsed(), kTtl);
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
  const auto full = [&](size_t i, const std::string& content) {
    status = node(i).client().TryRegister(Fixed("big", content));
    return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
  };
  // The same instance with other content: old revisions fill the space.
  ASSERT_TRUE(Eventually([&] {
    for (int n = 0; n < 50; ++n) {
      if (full(0, absl::StrCat(large, ++written))) return true;
    }
    return false;
  })) << written
      << " writes, the last one: " << status.error_message();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(Shows(i, "fixed", 1));
    EXPECT_TRUE(ReachesStore(i));
    EXPECT_TRUE(Eventually([&] { return full(i, large); })) << status.error_message();
  }
  node(0).process().AwaitOutput("etcd has no space left");
  const Outcome told = node(0).Cli({"status"});
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_THAT(told.out, ::testing::HasSubstr("refused: etcd has no space left"));
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
