// A member of etcd that runs and answers, but that the other members do not reach.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster/cluster_test.h"

namespace rollcall::integration {
namespace {

class MembersApartTest : public ClusterTest {
 protected:
  // Parts a member for longer than sessions and nodes live without a word, and joins it again.
  void Part(const std::string& what, size_t member) {
    const Stopwatch since;
    etcd().Part(member);
    for (size_t i = 0; i < 3; ++i) WriteAtLast(i, absl::StrCat(what, i));
    std::cout << "measured: " << what << " parted: written at every node after " << since.elapsed()
              << "\n";
    while (since.elapsed() < kLivelyTtl + absl::Seconds(2)) {
      for (size_t i = 0; i < 3; ++i) WriteAtLast(i, absl::StrCat(what, "-again", i));
    }
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(ReachesStore(i));
    etcd().Join();
    etcd().AwaitHealthy();
    for (size_t i = 0; i < 3; ++i) WriteAtLast(i, absl::StrCat(what, "-joined", i));
  }
};

// The old leader still takes connections and answers what it may answer for itself.
TEST_F(MembersApartTest, WritesGoOnAndNobodyIsSuspected) {
  Start({}, {.members = 3, .peer_relays = true});
  std::vector<std::unique_ptr<Process>> services;
  for (size_t i = 0; i < 3; ++i) {
    services.push_back(std::move(StartInstances(i, absl::StrCat("n", i, "-"), 1, kLivelyTtl)[0]));
  }
  cluster().AwaitStreams(3);
  Watch watch(node(1).client(), "user");
  watch.Until("all three", [](const Watch& w) { return w.instances().size() == 3; });
  const int told = watch.told();
  Part("leader", etcd().AwaitLeader());
  Part("follower", (etcd().AwaitLeader() + 1) % 3);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(Shows(i, "fixed", 18));
    EXPECT_EQ(services[i]->Wait(absl::ZeroDuration()), std::nullopt);
  }
  Flush(2, watch);
  EXPECT_TRUE(watch.removed().empty());
  EXPECT_EQ(watch.told() - told, flushes()) << "somebody was suspected";
}

}  // namespace
}  // namespace rollcall::integration
