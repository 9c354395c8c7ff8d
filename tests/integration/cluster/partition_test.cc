// A node that is cut off from etcd sends its clients away and judges nobody.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

class PartitionTest : public ClusterTest {
 protected:
  uint64_t Streams(size_t i) { return node(i).Status().connected_sessions(); }

  // Cuts node 0 off by `spoil` for longer than it is taken for present, and heals.
  void CutOff(const std::string& what, const std::function<void(TcpRelay&)>& spoil) {
    Start({.nodes = 2, .relays = true});
    const auto services = StartInstances(0, "u", 3, kLivelyTtl);
    cluster().AwaitStreams(3);
    // A client that stays, whatever it is told; not long enough to be taken for lost with its node.
    RawClient own(node(0).Connect());
    Session stays(own, Register(0, Registration({Spec("user", "stays")}, absl::Minutes(3))));
    Watch watch(node(1).client(), "user");
    watch.Until("all four", [](const Watch& w) { return w.instances().size() == 4; });
    const int told = watch.told();
    const uint64_t epoch = watch.instances().at("u0").lease_epoch();

    const Stopwatch since_cut;
    spoil(cluster().relay(0, 0));
    ASSERT_TRUE(Eventually([&] { return !node(0).Status().store_reachable(); }));
    std::cout << "measured: " << what << ": noticed after " << since_cut.elapsed() << "\n";
    EXPECT_LT(since_cut.elapsed(), absl::Seconds(15));
    stays.stream().Await("MoveTo", [](const auto& m) { return m.has_move_to(); });
    ASSERT_TRUE(Eventually([&] { return Streams(1) == 3; }));
    std::cout << "measured: " << what << ": clients elsewhere after " << since_cut.elapsed()
              << "\n";
    EXPECT_TRUE(Eventually([&] { return Streams(0) == 1; })) << Streams(0);
    cluster().AwaitNodes(1, 1);
    stays.Beat();
    EXPECT_EQ(services[0]->Wait(kLivelyTtl * 2 / 3), std::nullopt);

    cluster().relay(0, 0).Heal();
    ASSERT_TRUE(Eventually([&] {
      const auto status = node(0).Status();
      return status.store_reachable() && status.ready();
    }));
    EXPECT_TRUE(Eventually([&] { return node(0).readiness() == 200; }));
    cluster().AwaitNodes(1, 2);
    std::cout << "measured: " << what << ": healed after " << since_cut.elapsed() << "\n";
    stays.Beat();
    Register(0, Registration({Spec("other", "o1")}, absl::Minutes(1)));
    EXPECT_EQ(services[0]->Wait(kLivelyTtl / 2), std::nullopt);
    Flush(1, watch);
    EXPECT_TRUE(watch.removed().empty());
    EXPECT_EQ(watch.instances().at("u0").lease_epoch(), epoch);
    for (const char* id : {"u0", "u1", "u2"}) {
      EXPECT_EQ(watch.StandingOf(id), v1::STANDING_PASSING) << id;
      EXPECT_EQ(watch.instances().at(id).last_change().cause(), v1::CAUSE_REGISTERED) << id;
    }
    EXPECT_EQ(watch.StandingOf("stays"), v1::STANDING_PASSING);
    EXPECT_EQ(watch.told() - told, flushes());
  }
};

TEST_F(PartitionTest, WhatANodeSendsIsLost) {
  CutOff("to etcd", [](TcpRelay& relay) { relay.Drop(TcpRelay::kToServer); });
}

TEST_F(PartitionTest, WhatEtcdAnswersIsLost) {
  CutOff("from etcd", [](TcpRelay& relay) { relay.Drop(TcpRelay::kToClient); });
}

TEST_F(PartitionTest, NothingPassesEitherWay) {
  CutOff("both ways", [](TcpRelay& relay) { relay.Drop(); });
}

TEST_F(PartitionTest, EtcdRefusesConnections) {
  CutOff("refused", [](TcpRelay& relay) { relay.Refuse(); });
}

TEST_F(PartitionTest, ASlowWayToEtcdSendsNobodyAway) {
  // Of its half nothing may be lost to the machine alone.
  constexpr absl::Duration kLease = absl::Seconds(10);
  Start({.nodes = 2, .presence_lease = kLease, .relays = true});
  RawClient own(node(0).Connect());
  Session stays(own, Register(0, Registration({Spec("user", "stays")}, absl::Minutes(3))));
  Watch watch(node(1).client(), "user");
  watch.UntilStanding("stays", v1::STANDING_PASSING);
  const int told = watch.told();
  const auto write = [&](const std::string& id) {
    return node(0).client().TryRegister(Registration({Spec("other", id)}, absl::Minutes(1))).ok();
  };
  cluster().relay(0, 0).Delay(absl::Milliseconds(100));
  const Stopwatch slow;
  int written = 0;
  while (slow.elapsed() < kLease + absl::Seconds(2)) {
    const std::string id = "o" + std::to_string(++written);
    EXPECT_TRUE(Eventually([&] { return write(id); }));
    EXPECT_TRUE(ReachesStore(0));
  }
  while (const auto message = stays.stream().Next(absl::ZeroDuration())) {
    EXPECT_FALSE(message->has_move_to());
  }
  // Connections that break are made again before anybody is taken for gone.
  cluster().relay(0, 0).Cut();
  EXPECT_TRUE(Eventually([&] { return write("last"); }));
  EXPECT_EQ(cluster().NodesSeenBy(1).size(), 2u);
  Flush(0, watch);
  EXPECT_EQ(watch.told() - told, flushes());
}

}  // namespace
}  // namespace rollcall::integration
