// Rounds of random faults on three nodes over three members, under load; in the end the checker
// judges all that was answered and told.
//
// ROLLCALL_FAULT_ROUNDS=n makes more of them than a few, and other ones each time;
// ROLLCALL_FAULT_SEED=n repeats the faults of a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/integration/faults/checker.h"
#include "tests/integration/faults/hopping_watcher.h"
#include "tests/integration/faults/writer.h"
#include "tests/integration/support/cluster_registry.h"
#include "tests/integration/support/etcd_test.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::integration {
namespace {

constexpr int kWriters = 3;
constexpr uint64_t kSeed = 2;
constexpr uint64_t kRounds = 3;

uint64_t NumberOf(const char* variable, uint64_t otherwise) {
  const char* set = std::getenv(variable);
  return set != nullptr && *set != '\0' ? std::strtoull(set, nullptr, 10) : otherwise;
}

class FaultsTest : public EtcdTest {
 protected:
  void SetUp() override { EtcdTest::SetUp(); }

  void Begin(uint64_t seed) {
    random_ = std::make_unique<base::SeededRandom>(seed);
    etcd_ = std::make_unique<EtcdCluster>(EtcdOptions{.members = 3});
    cluster_ = std::make_unique<ClusterRegistry>(
        *etcd_, ClusterOptions{.flags = {"--audit-interval", "7s"}, .relays = true});
    std::vector<std::string> servers;
    std::vector<std::shared_ptr<grpc::Channel>> channels;
    for (size_t i = 0; i < cluster_->size(); ++i) {
      servers.push_back(cluster_->node(i).address());
      channels.push_back(cluster_->node(i).Connect());
    }
    for (size_t i = 0; i < cluster_->size(); ++i) {
      watchers_.push_back(
          std::make_unique<HoppingWatcher>(absl::StrCat("watcher-", i), channels, seed * 7 + i));
      std::rotate(channels.begin(), channels.begin() + 1, channels.end());
    }
    for (int i = 0; i < kWriters; ++i) {
      writers_.push_back(
          std::make_unique<Writer>(absl::StrCat("w", i), servers, seed * 11 + i, recorder_));
    }
  }
  void TearDown() override {
    writers_.clear();
    watchers_.clear();
  }

  absl::Duration Some(absl::Duration least, absl::Duration most) {
    return random_->Between(least, most);
  }
  void Wait(absl::Duration time) { Stopping().Within(time); }
  size_t Any() { return random_->Below(cluster_->size()); }

  // Strikes, waits, and mends; says what it did.
  std::string Round() {
    switch (random_->Below(12)) {
      case 0:
        return KillNode(Any());
      case 1:
        return FreezeNode(Any());
      case 2:
        return TerminateNode(Any());
      case 3:
        return KillMember(Any(), "a member");
      case 4:
        return KillMember(etcd_->AwaitLeader(), "the leader");
      case 5:
        return FreezeMember(Any(), "a member");
      case 6:
        return FreezeMember(etcd_->AwaitLeader(), "the leader");
      case 7:
        return KillTwoMembers(Any());
      case 8:
        return CutOff(Any(), static_cast<TcpRelay::Way>(random_->Below(3)));
      case 9:
        return Refuse(Any());
      case 10:
        return SlowEtcd();
      default:
        return CompactWhileAway(Any());
    }
  }
  std::string KillNode(size_t i) {
    cluster_->node(i).Kill();
    Wait(Some(absl::ZeroDuration(), absl::Seconds(4)));
    cluster_->node(i).Start();
    return absl::StrCat("node ", i, " killed");
  }
  std::string FreezeNode(size_t i) {
    cluster_->node(i).Freeze();
    Wait(Some(absl::Seconds(1), absl::Seconds(7)));
    cluster_->node(i).Thaw();
    return absl::StrCat("node ", i, " frozen");
  }
  std::string TerminateNode(size_t i) {
    cluster_->node(i).Terminate();
    cluster_->node(i).Start();
    return absl::StrCat("node ", i, " ended and started");
  }
  std::string KillMember(size_t i, const std::string& which) {
    etcd_->Kill(i);
    Wait(Some(absl::Seconds(1), absl::Seconds(4)));
    etcd_->Restart(i);
    return absl::StrCat(which, " of etcd killed");
  }
  std::string FreezeMember(size_t i, const std::string& which) {
    etcd_->Stop(i);
    Wait(Some(absl::Seconds(1), absl::Seconds(5)));
    etcd_->Continue(i);
    return absl::StrCat(which, " of etcd frozen");
  }
  std::string KillTwoMembers(size_t left) {
    for (size_t i = 0; i < 3; ++i) {
      if (i != left) etcd_->Kill(i);
    }
    Wait(Some(absl::Seconds(1), absl::Seconds(7)));
    for (size_t i = 0; i < 3; ++i) {
      if (i != left) etcd_->Restart(i);
    }
    return "two members of etcd killed";
  }
  std::string CutOff(size_t i, TcpRelay::Way way) {
    for (const auto& relay : cluster_->relays(i)) relay->Drop(way);
    Wait(Some(absl::Seconds(1), absl::Seconds(8)));
    for (const auto& relay : cluster_->relays(i)) relay->Heal();
    const char* ways[] = {"to", "from", "to and from"};
    return absl::StrCat("nothing passes ", ways[way], " etcd at node ", i);
  }
  std::string Refuse(size_t i) {
    for (const auto& relay : cluster_->relays(i)) relay->Refuse();
    Wait(Some(absl::Seconds(1), absl::Seconds(6)));
    for (const auto& relay : cluster_->relays(i)) relay->Heal();
    return absl::StrCat("node ", i, " refused by etcd");
  }
  std::string SlowEtcd() {
    const absl::Duration delay = Some(absl::Milliseconds(20), absl::Milliseconds(300));
    for (size_t i = 0; i < cluster_->size(); ++i) {
      for (const auto& relay : cluster_->relays(i)) relay->Delay(delay);
    }
    Wait(Some(absl::Seconds(1), absl::Seconds(5)));
    for (size_t i = 0; i < cluster_->size(); ++i) {
      for (const auto& relay : cluster_->relays(i)) relay->Heal();
    }
    return absl::StrCat("etcd is slow by ",
                        absl::FormatDuration(absl::Trunc(delay, absl::Milliseconds(1))));
  }
  std::string CompactWhileAway(size_t i) {
    cluster_->node(i).Kill();
    Wait(Some(absl::ZeroDuration(), absl::Seconds(2)));
    const size_t other = (i + 1) % cluster_->size();
    const uint64_t revision = cluster_->node(other).client().Revision();
    etcd_->member(0).Admin("/v3/kv/compaction", absl::StrCat("{\"revision\":\"", revision, "\"}"));
    cluster_->node(i).Start();
    return absl::StrCat("compacted while node ", i, " was away");
  }
  void Settle() {
    etcd_->AwaitHealthy();
    for (size_t i = 0; i < cluster_->size(); ++i) {
      if (!Eventually([&] { return cluster_->node(i).readiness() == 200; })) {
        Fail(absl::StrCat("node ", i, " is not ready again:\n", cluster_->node(i).process().err()));
      }
    }
  }

  // As they answer when asked for the newest.
  std::map<std::string, uint64_t> ViewOf(ClusterNode& node) {
    v1::ResolveRequest latest;
    latest.set_service(Writer::kService);
    latest.set_consistency(v1::CONSISTENCY_LATEST);
    latest.set_strict(true);
    node.client().Get(&v1::Discovery::Stub::Resolve, latest);
    std::map<std::string, uint64_t> view;
    const v1::ListInstancesResponse all = node.client().Instances(Writer::kService);
    for (const v1::Instance& instance : all.instances()) {
      view[instance.spec().id()] = instance.lease_epoch();
    }
    return view;
  }
  History Collect() {
    History history = recorder_.history();
    // And what a loaded machine adds.
    history.answer_limit = Writer::kAnswerLimit + absl::Seconds(15);
    for (const auto& watcher : watchers_) {
      history.watchers[absl::StrCat("watcher ", history.watchers.size())] = watcher->watched();
    }
    for (size_t i = 0; i < cluster_->size(); ++i) {
      history.nodes[cluster_->node(i).id()] = ViewOf(cluster_->node(i));
    }
    for (const auto& [id, node] : cluster_->NodesSeenBy(0)) {
      if (node.audit() != v1::NODE_AUDIT_AGREES) history.audit_differs.insert(id);
    }
    return history;
  }

  Recorder recorder_;
  std::unique_ptr<base::SeededRandom> random_;
  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<ClusterRegistry> cluster_;
  std::vector<std::unique_ptr<HoppingWatcher>> watchers_;
  std::vector<std::unique_ptr<Writer>> writers_;
};

TEST_F(FaultsTest, NothingAcknowledgedIsLostAndNobodyWhoLivesIsRemoved) {
  if (IsSkipped()) return;
  // What everybody runs always does the same to the cluster; who asks for more looks for news.
  const uint64_t wanted = NumberOf("ROLLCALL_FAULT_ROUNDS", 0);
  const uint64_t rounds = wanted == 0 ? kRounds : wanted;
  const uint64_t seed =
      NumberOf("ROLLCALL_FAULT_SEED", wanted == 0 ? kSeed : base::SecureRandom().Next());
  std::printf("ROLLCALL_FAULT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  Begin(seed);
  const Stopwatch all;
  for (uint64_t round = 1; round <= rounds; ++round) {
    const int before = recorder_.acknowledged();
    const Stopwatch watch;
    const std::string what = Round();
    Settle();
    std::printf("round %2d: %-45s %5.1f s, %5d registrations acknowledged\n",
                static_cast<int>(round), what.c_str(), absl::ToDoubleSeconds(watch.elapsed()),
                recorder_.acknowledged() - before);
    std::fflush(stdout);
  }
  for (const auto& writer : writers_) writer->Stop();
  std::vector<std::string> problems;
  const auto all_is_well = [&] {
    try {
      problems = Check(Collect());
    } catch (const std::runtime_error& refused) {
      problems = {refused.what()};  // A node that just was not certain of etcd.
    }
    return problems.empty();
  };
  Eventually(all_is_well);
  EXPECT_THAT(problems, ::testing::IsEmpty()) << "ROLLCALL_FAULT_SEED=" << seed;
  std::printf(
      "%d rounds in %.0f s, %d registrations acknowledged, longest answer %s, %d problems\n",
      static_cast<int>(rounds), absl::ToDoubleSeconds(all.elapsed()), recorder_.acknowledged(),
      absl::FormatDuration(recorder_.history().longest_answer).c_str(),
      static_cast<int>(problems.size()));
}

}  // namespace
}  // namespace rollcall::integration
