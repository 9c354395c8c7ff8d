// What operators do to a cluster: restart it, move it, back it up; and who does its chores.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "rollcall/client.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

class OperatorsTest : public ClusterTest {
 protected:
  std::unique_ptr<Client> NewClient() {
    ClientOptions options;
    options.servers = absl::StrSplit(cluster().addresses(), ',');
    options.client_name = "caller";
    options.log = [](LogLevel, const std::string&) {};
    auto client = Client::Create(options);
    if (!client.ok()) Fail(client.status().ToString());
    return *std::move(client);
  }
  static Outcome Offline(Flags arguments) {
    arguments.insert(arguments.begin(), Registry::Program());
    return RunToEnd(arguments);
  }
};

TEST_F(OperatorsTest, NodesAreRestartedOneAfterAnotherAndNobodyNotices) {
  Start({.flags = {"--drain-time", "5s"}});
  std::vector<std::unique_ptr<Process>> services;
  for (size_t i = 0; i < 3; ++i) {
    services.push_back(
        StartInstance(node(i).address(), "user", "u" + std::to_string(i), kLivelyTtl));
  }
  cluster().AwaitStreams(3);
  // A caller, and a service that tells something new of itself all the time.
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitForServing(3, kSoon).ok());
  InstanceOptions options;
  options.service = "busy";
  options.id = "b1";
  options.endpoints.emplace_back();
  options.endpoints[0].address = "127.0.0.1";
  options.endpoints[0].port = 9000;
  options.ttl = kLivelyTtl;
  options.drain_time = absl::ZeroDuration();
  auto busy = client->Register(options);
  ASSERT_TRUE(busy.ok()) << busy.status();

  // Exactly these, and what the test itself adds.
  const auto await_all = [&] {
    return users->WaitFor(
        [&](const ServiceView& view) { return view.serving().size() == 3u + flushes(); }, kSoon);
  };
  uint32_t weight = 100;
  for (size_t i = 0; i < 3; ++i) {
    const size_t other = (i + 1) % 3;
    // Whoever watches at a node that stays hears of nobody.
    Watch watch(node(other).client(), "user");
    const int told = watch.told();
    const int flushed = flushes();
    // One that does not go when it is sent away, so that the node drains for as long as it stays.
    RawClient own(node(i).Connect());
    Session stays(own, Register(i, Registration({Spec("stays", "s1")}, kLong)));
    node(i).process().Signal(SIGTERM);
    EXPECT_TRUE(Eventually([&] {
      const auto nodes = cluster().NodesSeenBy(other);
      const auto at = nodes.find(node(i).id());
      return at != nodes.end() && at->second.draining();
    })) << "draining was not told";
    ASSERT_TRUE(busy->SetWeight(++weight).ok());
    EXPECT_TRUE(Eventually([&] {
      const auto seen = node(other).client().Instances("busy");
      return seen.instances_size() == 1 && seen.instances(0).effective_weight() == weight;
    })) << "node "
        << i << " is stopping";
    stays.Break();
    node(i).AwaitEnd();
    cluster().AwaitNodes(other, 2);
    EXPECT_TRUE(await_all().ok());
    node(i).Start();
    for (size_t all = 0; all < 3; ++all) cluster().AwaitNodes(all, 3);
    Flush(other, watch);
    EXPECT_EQ(watch.told() - told, flushes() - flushed) << "somebody was suspected";
  }
  cluster().AwaitStreams(4);
  EXPECT_EQ(busy->status().state, RegistrationState::kRegistered);
}

TEST_F(OperatorsTest, AnotherNodeTakesTheSweepersOfficeAndOverridesStillEnd) {
  Start();
  const size_t sweeper = cluster().AwaitSweeper();
  const size_t other = (sweeper + 1) % 3;
  Register(other, Registration({Spec("user", "u1")}, kLong));
  Watch watch(node(other).client(), "user");
  constexpr absl::Duration kDrained = absl::Seconds(5);
  const Stopwatch since_set;
  ASSERT_EQ(node(other).Cli({"drain", "user/u1", "--for", "5s"}).exit_code, 0);
  watch.UntilStanding("u1", v1::STANDING_DRAINING);
  node(sweeper).Kill();
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  EXPECT_GE(since_set.elapsed(), kDrained);
  EXPECT_LT(since_set.elapsed(), kDrained + kPresenceLease + absl::Seconds(20));
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_OVERRIDE_EXPIRED);
  const size_t next = cluster().AwaitSweeper();
  EXPECT_NE(next, sweeper);
  EXPECT_TRUE(Eventually([&] {
    std::vector<std::string> sweepers;
    for (const auto& [id, node] : cluster().NodesSeenBy(other)) {
      if (node.is_sweeper()) sweepers.push_back(id);
    }
    return sweepers == std::vector<std::string>{node(next).id()};
  }));
}

TEST_F(OperatorsTest, ABackupBecomesAnotherCluster) {
  Start({.nodes = 2});
  Register(0, Registration({Spec("user", "u1")}, kLong));
  Register(1, Registration({Spec("user", "u2")}, kLong));
  ASSERT_TRUE(Shows(1, "user", 2));
  TempDir dir;
  const Outcome backup = node(1).Cli({"backup", dir.File("b.rcb")});
  ASSERT_EQ(backup.exit_code, 0) << backup.err;
  const Outcome restored = Offline(
      {"restore", dir.File("b.rcb"), "--etcd", etcd().endpoints(), "--etcd-prefix", "/other/"});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  Registry other({"--store", "etcd", "--etcd", etcd().endpoints(), "--etcd-prefix", "/other/"});
  EXPECT_NE(other.store_id(), node(0).Status().store_id());
  RawClient client(other);
  EXPECT_EQ(client.Instances("user").instances_size(), 2);
  // They share etcd and nothing else.
  EXPECT_TRUE(Eventually(
      [&] { return client.TryRegister(Registration({Spec("user", "u3")}, kLong)).ok(); }));
  EXPECT_EQ(client.Get(&v1::Operations::Stub::ListNodes, {}).nodes_size(), 1);
  EXPECT_TRUE(Shows(0, "user", 2));
}

TEST_F(OperatorsTest, AServiceStaysRegisteredWhenOneMachineBecomesACluster) {
  EtcdCluster etcd;
  TempDir dir;
  const Ports ports(2);
  const std::string address = absl::StrCat("127.0.0.1:", ports[0]);
  const auto alone = std::make_unique<Registry>(Flags{"--listen", address});
  const auto service = StartInstance(address, "user", "u1", absl::Seconds(30));
  RawClient client(*alone);
  client.AwaitStreams(1);
  const v1::Instance before = client.Instances("user").instances(0);
  alone->Kill();
  const Outcome migrated = Offline({"migrate", "--from", "embedded", "--data", alone->data(),
                                    "--to", "etcd", "--etcd", etcd.endpoints()});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  ClusterNode node("node-0", {ports[0], ports[1]}, dir.File("node"), {"--etcd", etcd.endpoints()});
  node.Start();
  node.AwaitStreams(1);
  const auto after = node.client().Instances("user");
  ASSERT_EQ(after.instances_size(), 1);
  EXPECT_EQ(after.instances(0).standing(), v1::STANDING_PASSING);
  EXPECT_EQ(after.instances(0).lease_epoch(), before.lease_epoch()) << "it registered anew";
}

}  // namespace
}  // namespace rollcall::integration
