// Clients that come, die, and take each other's place, an operator, and a node whose power goes,
// also in the middle of a write, and whose disk is full or stuck for a while: a node that starts
// holds all that was acknowledged, and when all has been quiet for a while, everybody knows the
// truth.
//
// ROLLCALL_SIM_SEED=n runs that seed alone and prints its trace; ROLLCALL_SIM_SEEDS=n runs n of
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/model/standing.h"
#include "tests/sim/sim_client.h"
#include "tests/sim/sim_node.h"
#include "tests/support/manual_executor.h"

namespace rollcall::sim {
namespace {

using LastWrite = store::MemoryRecordStore::LastWrite;

class Chaos {
 public:
  explicit Chaos(uint64_t seed)
      : seed_(seed),
        chance_(seed),
        node_(*clock_, *queue_, seed, [this](absl::string_view line) { Say(line); }) {
    node_.Start();
    for (size_t slot = 0; slot < kSlots; ++slot) Begin(slot);
  }
  ~Chaos() {
    for (auto& client : clients_) {
      if (client->alive()) client->Die();
    }
    node_.Crash();
  }

  void Run() {
    for (int step = 0; step < 25; ++step) {
      AdvanceBy(chance_.Between(absl::Milliseconds(1), absl::Seconds(3)));
      Step();
    }
    AdvanceBy(absl::Seconds(10));
    for (size_t slot = 0; slot < kSlots; ++slot) Decide(slot, false);
    AdvanceBy(absl::Seconds(60));
    CheckEverybodyKnows();
  }
  const std::string& trace() const { return trace_; }

 private:
  // As many as may go at once without the eviction brake.
  static constexpr size_t kSlots = 3;

  void AdvanceBy(absl::Duration d) { queue_->AdvanceBy(d); }
  void Say(absl::string_view what) {
    absl::StrAppendFormat(&trace_, "%.6f %s\n",
                          absl::ToDoubleSeconds(clock_->Steady().SinceOrigin() - absl::Hours(1)),
                          what);
  }

  void Begin(size_t slot) {
    Say(absl::StrCat("client ", clients_.size(), " begins as c", slot));
    clients_.push_back(std::make_unique<SimClient>(
        network_, clock_, *queue_, absl::StrCat("client-", clients_.size()),
        seed_ * 1000 + clients_.size(), Delays{}, nullptr));
    clients_.back()->Register("web", absl::StrCat("c", slot));
    clients_.back()->Watch("web");
    newest_[slot] = clients_.size() - 1;
  }
  void Step() {
    const size_t slot = chance_.Below(kSlots);
    SimClient& client = *clients_[newest_[slot]];
    switch (chance_.Below(8)) {
      case 0:
        if (!client.alive()) return;
        Say(absl::StrCat("client ", newest_[slot], " dies"));
        return client.Die();
      case 1:
      case 2:
        // Also while the one before it lives. With the registry away, or both on their way, nobody
        // could say who is newer.
        Begin(slot);
        return AdvanceBy(absl::Seconds(1));
      case 7:
        return Decide(slot, chance_.Below(2) == 0);
      case 3:
        Say("the disk is full");
        node_.disk().SetCapacity(0);
        AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(20)));
        node_.disk().SetCapacity(SIZE_MAX);
        return ComeBack();
      case 4:
        Say("the disk is stuck");
        node_.SetDiskStuck(true);
        AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(20)));
        // Power may go with all that waits.
        if (chance_.Below(3) == 0) break;
        node_.SetDiskStuck(false);
        return ComeBack();
      case 5:
        Say("the node's power goes");
        break;
      default:
        Say("the node's power goes with the next write");
        node_.disk().CrashDuringNextWrite(chance_.Below(2) == 0 ? LastWrite::kLost
                                                                : LastWrite::kKept);
        AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(12)));
    }
    Restart();
    ComeBack();
  }
  void Restart() {
    std::map<std::string, uint64_t> acknowledged;
    for (const auto& client : clients_) {
      if (!client->alive()) continue;
      uint64_t& epoch = acknowledged[client->id()];
      epoch = std::max(epoch, client->registration().lease_epoch);
    }
    node_.Crash();
    open_orders_.clear();
    AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(15)));
    Say("the node starts");
    node_.Start();
    const catalog::Catalog& catalog = node_.node().catalog();
    for (const auto& [id, epoch] : acknowledged) {
      const auto held = catalog.Instance({{kDefaultNamespace, "web"}, id});
      EXPECT_GE(held.exists() ? held->lease_epoch() : 0, epoch) << id << " is lost";
    }
    for (const auto& [slot, drained] : decided_) {
      const auto held = catalog.Override(NameOf(slot));
      EXPECT_EQ(held.exists() && !held->removed(), drained) << "what was decided of c" << slot;
    }
  }
  static InstanceName NameOf(size_t slot) {
    return {{kDefaultNamespace, "web"}, absl::StrCat("c", slot)};
  }
  // An operator drains it, or lets it back. What he was not told may have been done or not, and of
  // two orders at once either may have been the last.
  void Decide(size_t slot, bool drain) {
    if (!node_.up()) return;
    Say(absl::StrCat("c", slot, drain ? " is to be drained" : " is to be let back"));
    decided_.erase(slot);
    v1::InstanceKey key;
    key.set_namespace_(kDefaultNamespace);
    key.set_service("web");
    key.set_id(absl::StrCat("c", slot));
    const rpc::Call call{clock_->Steady() + absl::Seconds(5), "operator", nullptr};
    const bool alone = open_orders_[slot]++ == 0;
    const auto done = [this, slot, drain, alone, order = ++orders_[slot]](bool ok) {
      --open_orders_[slot];
      if (ok && alone && orders_[slot] == order) decided_[slot] = drain;
    };
    node_.executor().Post([this, key, call, drain, done] {
      if (drain) {
        v1::SetOverrideRequest request;
        *request.mutable_key() = key;
        request.set_mode(v1::OVERRIDE_MODE_DRAINING);
        node_.node().operations().SetOverride(request, call,
                                              [done](const auto& answer) { done(answer.ok()); });
      } else {
        v1::ClearOverrideRequest request;
        *request.mutable_key() = key;
        node_.node().operations().ClearOverride(request, call,
                                                [done](const auto& answer) { done(answer.ok()); });
      }
    });
  }
  // They settle who is whose, before anything else happens.
  void ComeBack() { AdvanceBy(absl::Seconds(15)); }
  void CheckEverybodyKnows() {
    std::string truth;
    for (size_t slot = 0; slot < kSlots; ++slot) {
      const SimClient& client = *clients_[newest_[slot]];
      if (!client.alive()) continue;
      absl::StrAppend(&truth, truth.empty() ? "" : " ", "c", slot, ":PASSING");
      EXPECT_EQ(client.registration().state, RegistrationState::kRegistered)
          << "client " << newest_[slot] << ": " << client.registration().last_error;
    }
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (!clients_[i]->alive()) continue;
      EXPECT_EQ(clients_[i]->View(), truth) << "client " << i;
      EXPECT_TRUE(clients_[i]->verified()) << "client " << i;
      const bool newest = std::count(std::begin(newest_), std::end(newest_), i) > 0;
      if (newest) continue;
      EXPECT_EQ(clients_[i]->registration().state, RegistrationState::kSuperseded)
          << "client " << i << " was not told";
    }
  }

  const uint64_t seed_;
  const std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  const std::shared_ptr<testing::ManualExecutor> queue_ =
      std::make_shared<testing::ManualExecutor>(*clock_);
  base::SeededRandom chance_;
  std::string trace_;
  SimNode node_;
  const SimNetwork network_ = {{"node-1:7400", &node_}};
  std::vector<std::unique_ptr<SimClient>> clients_;
  size_t newest_[kSlots] = {};
  // By slot: whether it is drained, if an operator was told; and how many orders were given.
  std::map<size_t, bool> decided_;
  std::map<size_t, int> orders_;
  std::map<size_t, int> open_orders_;
};

TEST(ChaosTest, WhenAllIsQuietEverybodyKnowsTheTruth) {
  if (const char* only = std::getenv("ROLLCALL_SIM_SEED")) {
    Chaos chaos(std::strtoull(only, nullptr, 10));
    chaos.Run();
    std::printf("%s", chaos.trace().c_str());
    return;
  }
  const char* wish = std::getenv("ROLLCALL_SIM_SEEDS");
  const uint64_t seeds = wish != nullptr ? std::strtoull(wish, nullptr, 10) : 50;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("ROLLCALL_SIM_SEED=", seed));
    Chaos(seed).Run();
    if (::testing::Test::HasFailure()) {
      std::printf("failed with seed %d\n", static_cast<int>(seed));
      return;
    }
  }
}

}  // namespace
}  // namespace rollcall::sim
