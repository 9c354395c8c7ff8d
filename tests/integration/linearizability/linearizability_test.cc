// Clients at all nodes register, remove, override and read the newest of the same few instances
// while nodes and etcd's leader stand still, are killed and come back; then the history of what
// they were answered is searched for an order that explains it.
//
// ROLLCALL_LINEARIZABILITY_SEED=n repeats what the clients ask, though not when.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/integration/linearizability/asker.h"
#include "tests/integration/support/cluster_registry.h"
#include "tests/integration/support/etcd_test.h"
#include "tests/linearizability/checker.h"

namespace rollcall::integration {
namespace {

namespace lin = rollcall::linearizability;

// For each instance and each override.
constexpr uint64_t kMostSteps = 5'000'000;

class LinearizabilityTest : public EtcdTest {
 protected:
  void Begin(int askers, const Asker::Channels& servers) {
    const char* const set = std::getenv("ROLLCALL_LINEARIZABILITY_SEED");
    const uint64_t seed =
        set != nullptr ? std::strtoull(set, nullptr, 10) : base::SecureRandom().Next();
    std::printf("ROLLCALL_LINEARIZABILITY_SEED=%llu\n", static_cast<unsigned long long>(seed));
    for (int i = 0; i < askers; ++i) {
      askers_.push_back(
          std::make_unique<Asker>(absl::StrCat("a", i), servers, seed + 31 * i, recorders_));
    }
  }
  static void Wait(absl::Duration time) { Stopping().Within(time); }
  // Until so much more was answered, whatever the machine does meanwhile.
  void AwaitAnswers(int more) {
    const int before = answered();
    EXPECT_TRUE(Eventually([&] { return answered() >= before + more; }));
  }
  int answered() const { return recorders_.instances.answered() + recorders_.overrides.answered(); }

  void Stop() { askers_.clear(); }
  // What stands in the end: all of it, or a loss at the end would not be seen.
  void ReadAll(RawClient& server) {
    EXPECT_TRUE(Eventually([&] { return Asker::ReadAll(server, recorders_); }));
  }
  void Judge() {
    const Stopwatch watch;
    const auto instances = recorders_.instances.History();
    const auto overrides = recorders_.overrides.History();
    const lin::Result of_instances = lin::CheckAll<lin::InstanceModel>(instances, kMostSteps);
    const lin::Result of_overrides = lin::CheckAll<lin::OverrideModel>(overrides, kMostSteps);
    EXPECT_EQ(of_instances.verdict, lin::Verdict::kYes) << of_instances.why;
    EXPECT_EQ(of_overrides.verdict, lin::Verdict::kYes) << "the override of " << of_overrides.why;
    std::printf("%zu operations on instances, %zu unanswered, %llu steps; ", Count(instances),
                Unanswered(instances), static_cast<unsigned long long>(of_instances.steps));
    std::printf("%zu on overrides, %zu unanswered, %llu steps; searched in %s\n", Count(overrides),
                Unanswered(overrides), static_cast<unsigned long long>(of_overrides.steps),
                absl::FormatDuration(watch.elapsed()).c_str());
  }

  Recorders recorders_;

 private:
  template <typename Call>
  static size_t Count(const lin::History<Call>& history) {
    size_t count = 0;
    for (const auto& [key, operations] : history) count += operations.size();
    return count;
  }
  template <typename Call>
  static size_t Unanswered(const lin::History<Call>& history) {
    size_t count = 0;
    for (const auto& [key, operations] : history) {
      for (const auto& operation : operations) count += operation.known() ? 0 : 1;
    }
    return count;
  }

  std::vector<std::unique_ptr<Asker>> askers_;
};

TEST_F(LinearizabilityTest, HoldsWhileNodesAndEtcdsLeaderStandStillOrDie) {
  if (IsSkipped()) return;
  EtcdCluster etcd({.members = 3});
  ClusterRegistry cluster(etcd);
  Asker::Channels servers;
  for (size_t i = 0; i < cluster.size(); ++i) servers.push_back(cluster.node(i).Connect());
  Begin(6, servers);
  AwaitAnswers(100);

  cluster.node(0).Freeze();
  Wait(absl::Milliseconds(1200));
  cluster.node(0).Thaw();
  AwaitAnswers(100);

  const size_t leader = etcd.AwaitLeader();
  etcd.Kill(leader);
  cluster.node(1).Kill();
  Wait(absl::Milliseconds(800));
  cluster.node(1).Launch();
  AwaitAnswers(50);
  etcd.Restart(leader);

  cluster.node(2).Freeze();
  const size_t next = etcd.AwaitLeader();
  etcd.Stop(next);
  Wait(absl::Milliseconds(1200));
  etcd.Continue(next);
  cluster.node(2).Thaw();
  cluster.node(1).AwaitReady();
  AwaitAnswers(100);

  Stop();
  for (size_t i = 0; i < cluster.size(); ++i) ReadAll(cluster.node(i).client());
  Judge();
}

class EmbeddedLinearizabilityTest : public LinearizabilityTest {
 protected:
  void SetUp() override {}  // Without etcd.
};

TEST_F(EmbeddedLinearizabilityTest, HoldsWhileTheRegistryStandsStillOrDies) {
  Registry registry;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  Begin(4, {registry.Connect(arguments), registry.Connect(arguments)});
  for (int round = 0; round < 2; ++round) {
    AwaitAnswers(150);
    registry.Kill();
    registry.StartOnSamePort();
    AwaitAnswers(50);
    registry.process().Freeze();
    Wait(absl::Milliseconds(300));
    registry.process().Thaw();
  }
  AwaitAnswers(100);
  Stop();
  RawClient client(registry);
  ReadAll(client);
  Judge();
}

}  // namespace
}  // namespace rollcall::integration
