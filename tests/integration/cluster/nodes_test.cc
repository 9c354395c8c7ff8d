// A node that dies or stands still takes nobody with it: its clients go elsewhere, and nobody else
// notices.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

class NodesTest : public ClusterTest {
 protected:
  // Three services at home at node 0, seen by watchers at the others.
  void StartAtFirst(ClusterOptions options = {}) {
    Start(std::move(options));
    services_ = StartInstances(0, "u", 3, kLivelyTtl);
    cluster().AwaitStreams(3);
    for (const size_t i : {1, 2}) {
      watches_.push_back(std::make_unique<Watch>(node(i).client(), "user"));
      watches_.back()->Until("all three", [](const Watch& w) { return w.instances().size() == 3; });
      told_.push_back(watches_.back()->told());
    }
    before_ = watches_[0]->instances();
  }
  // Longer than it would take to suspect somebody.
  void LetTimePass(absl::Duration time) { EXPECT_EQ(services_[0]->Wait(time), std::nullopt); }
  void ExpectNobodyNoticed() {
    for (size_t i = 0; i < watches_.size(); ++i) {
      Watch& watch = *watches_[i];
      Flush(i + 1, watch);
      EXPECT_EQ(watch.told() - told_[i], flushes()) << "the watcher at node " << i + 1;
      EXPECT_TRUE(watch.removed().empty());
      for (const auto& [id, was] : before_) {
        ASSERT_EQ(watch.StandingOf(id), v1::STANDING_PASSING) << id;
        EXPECT_EQ(watch.instances().at(id).lease_epoch(), was.lease_epoch()) << id;
        EXPECT_EQ(watch.instances().at(id).revision(), was.revision()) << id;
      }
    }
  }

  std::vector<std::unique_ptr<Process>> services_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::vector<int> told_;
  std::map<std::string, v1::Instance> before_;
};

TEST_F(NodesTest, TheClientsOfAKilledNodeGoElsewhereAndNobodyNotices) {
  StartAtFirst();
  const Stopwatch since_kill;
  node(0).Kill();
  cluster().AwaitStreams(3);
  std::cout << "measured: all at other nodes " << since_kill.elapsed() << " after the kill\n";
  cluster().AwaitNodes(1, 2);
  // A third of it is what a home that is gone leaves its sessions.
  LetTimePass(kLivelyTtl * 2 / 3);
  ExpectNobodyNoticed();
  node(0).Start();
  cluster().AwaitNodes(1, 3);
  ExpectNobodyNoticed();
}

TEST_F(NodesTest, ANodeThatStoodStillJudgesNobodyWhenItGoesOn) {
  // A client finds out after four fifths of its TTL that nobody speaks at the other end; its home
  // is taken for gone long enough after that.
  StartAtFirst({.presence_lease = absl::Seconds(8)});
  const Stopwatch since_stop;
  node(0).Freeze();
  cluster().AwaitNodes(1, 2);
  std::cout << "measured: not present any more after " << since_stop.elapsed() << "\n";
  // Whoever was at home there is by now where others can hear it.
  const auto streams = [&](size_t i) { return node(i).Status().connected_sessions(); };
  ASSERT_TRUE(Eventually([&] { return streams(1) + streams(2) == 3; }));
  std::cout << "measured: all at other nodes after " << since_stop.elapsed() << "\n";
  LetTimePass(kLivelyTtl * 2 / 3);
  node(0).Thaw();
  cluster().AwaitNodes(1, 3);
  ASSERT_TRUE(Eventually([&] { return node(0).readiness() == 200; }));
  LetTimePass(kLivelyTtl);
  ExpectNobodyNoticed();
  EXPECT_EQ(node(0).Metric("rollcall_evictions_total"), 0);
}

TEST_F(NodesTest, AServiceThatDiesWithItsNodeIsSuspectedAndThenRemoved) {
  constexpr absl::Duration kShort = absl::Seconds(1);
  Start();
  const auto service = StartInstance(node(0).address(), "user", "u0", kShort);
  node(0).AwaitStreams(1);
  Watch watch(node(1).client(), "user");
  watch.UntilStanding("u0", v1::STANDING_PASSING);
  // It does not hear of the service's end, or it would say so before its own.
  node(0).Freeze();
  const Stopwatch since_kill;
  service->Kill();
  node(0).Kill();
  // Whichever of the others judges, it took node 0 for present until then, and not any more at
  // `gone`.
  absl::Duration present;
  absl::Duration gone;
  ASSERT_TRUE(Eventually([&] {
    const absl::Duration asked = since_kill.elapsed();
    const auto sees_it = [&](size_t i) { return cluster().NodesSeenBy(i).count("node-0") > 0; };
    const int seen_by = sees_it(1) + sees_it(2);
    if (seen_by == 2) present = asked;
    gone = since_kill.elapsed();
    return seen_by == 0;
  }));
  watch.UntilStanding("u0", v1::STANDING_SUSPECT);
  const absl::Duration suspect = since_kill.elapsed();
  EXPECT_EQ(watch.UntilRemoved("u0"), v1::CAUSE_EXPIRED);
  const absl::Duration removed = since_kill.elapsed();
  std::cout << "measured: present until " << present << ", gone after " << gone
            << ", suspect after " << suspect << ", removed after " << removed << "\n";
  // Never earlier; how much later is up to the machine, too.
  constexpr absl::Duration kLoaded = absl::Seconds(15);
  EXPECT_GE(suspect, present + kShort / 3);
  EXPECT_LT(suspect, gone + kShort / 3 + kLoaded);
  EXPECT_GE(removed, present + kShort + absl::Seconds(10));
  EXPECT_LT(removed, gone + kShort + absl::Seconds(10) + kLoaded);
  Outcome explain;
  EXPECT_TRUE(Eventually([&] {
    explain = node(2).Cli({"explain", "user/u0"});
    return explain.out.find("node-0") != explain.out.npos;
  })) << explain.out
      << explain.err;
}

}  // namespace
}  // namespace rollcall::integration
