// One node, three clients, two crashes: what everybody may rely on, for many seeds.
//
// ROLLCALL_SIM_SEED=n runs that seed alone and prints its trace; ROLLCALL_SIM_SEEDS=n runs n of
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/model/standing.h"
#include "tests/sim/sim_client.h"
#include "tests/sim/sim_node.h"
#include "tests/support/manual_executor.h"
#include "tests/support/records.h"

namespace rollcall::sim {
namespace {

using internal::v1::SessionState;
using testing::Name;

constexpr absl::Duration kTtl = absl::Seconds(10);

// What a watcher heard of an instance, checked for order.
class Heard {
 public:
  void Take(const v1::WatchResponse& message) {
    for (const v1::Instance& instance : message.updated()) {
      Note(instance.spec().id(), instance.revision(),
           std::string(StandingWord(instance.standing())));
    }
    for (const v1::Removed& removed : message.removed()) {
      Note(removed.key().id(), removed.revision(),
           absl::StrCat("gone ", std::string(CauseWord(removed.cause()))));
    }
  }
  // "PASSING, SUSPECT, gone EXPIRED"
  std::string StoryOf(const std::string& id) const {
    const auto at = stories_.find(id);
    return at == stories_.end() ? "" : at->second;
  }

 private:
  void Note(const std::string& id, uint64_t revision, const std::string& what) {
    EXPECT_GE(revision, newest_[id]) << id << ": an older state after a newer one";
    newest_[id] = revision;
    std::string& story = stories_[id];
    if (last_[id] == what) return;
    last_[id] = what;
    absl::StrAppend(&story, story.empty() ? "" : ", ", what);
  }
  std::map<std::string, uint64_t> newest_;
  std::map<std::string, std::string> last_;
  std::map<std::string, std::string> stories_;
};

class SmallWorld {
 public:
  explicit SmallWorld(uint64_t seed)
      : chance_(seed),
        node_(*clock_, *queue_, seed * 7 + 1, [this](absl::string_view line) { Say(line); }) {
    delays_.most = chance_.Between(absl::Microseconds(200), absl::Milliseconds(2));
    node_.Start();
    for (int i = 0; i < 3; ++i) {
      clients_.push_back(std::make_unique<SimClient>(
          network_, clock_, *queue_, absl::StrCat("client-", i), seed * 31 + i, delays_,
          [this, i](const v1::WatchResponse& message) {
            heard_[i].Take(message);
            Say(absl::StrCat("client-", i, " hears ", message.ShortDebugString()));
          }));
    }
  }
  ~SmallWorld() {
    for (auto& client : clients_) {
      if (client->alive()) client->Die();
    }
    node_.Crash();
  }

  void Run() {
    Begin();
    const bool node_crashes_first = chance_.Below(2) == 0;
    AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(5)));
    Crash(0);
    if (node_crashes_first) AdvanceBy(chance_.Between(absl::ZeroDuration(), absl::Seconds(6)));
    if (!node_crashes_first) ExpectEvictedByItsDeadline(0);
    RestartNode(chance_.Between(absl::ZeroDuration(), absl::Seconds(30)));
    if (node_crashes_first) ExpectEvictedByItsDeadline(0);
    ExpectAllAgree("c1:PASSING c2:PASSING");
    AdvanceBy(absl::Seconds(30));
    ExpectAllAgree("c1:PASSING c2:PASSING");
  }
  const std::string& trace() const { return trace_; }

 private:
  base::Instant now() const { return clock_->Steady(); }
  void AdvanceBy(absl::Duration d) { queue_->AdvanceBy(d); }
  void Say(absl::string_view what) {
    absl::StrAppendFormat(&trace_, "%.6f %s\n",
                          absl::ToDoubleSeconds(now().SinceOrigin() - absl::Hours(1)), what);
  }
  const catalog::Catalog& catalog() { return node_.node().catalog(); }
  bool Registered(int i) {
    const auto record = catalog().Instance(Name("web", absl::StrCat("c", i)));
    return record.exists() && !record->removed();
  }
  SessionState StateOf(int i) {
    const auto record = catalog().Instance(Name("web", absl::StrCat("c", i)));
    return catalog().SessionStateOf(SessionId(record->session_id()));
  }
  uint64_t EpochOf(int i) {
    return catalog().Instance(Name("web", absl::StrCat("c", i)))->lease_epoch();
  }
  std::string Truth() {
    std::string truth;
    for (const auto& live : node_.node().views().Find({"default", "web"})->instances) {
      absl::StrAppend(&truth, truth.empty() ? "" : " ", live->id(), ":",
                      StandingWord(live->standing()));
    }
    return truth;
  }
  void ExpectAllAgree(const std::string& expected) {
    EXPECT_EQ(Truth(), expected);
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (!clients_[i]->alive()) continue;
      EXPECT_EQ(clients_[i]->View(), expected) << "client-" << i;
      EXPECT_TRUE(clients_[i]->verified()) << "client-" << i;
    }
  }

  void Begin() {
    for (int i = 0; i < 3; ++i) {
      clients_[i]->Register("web", absl::StrCat("c", i));
      clients_[i]->Watch("web");
    }
    AdvanceBy(absl::Seconds(1));
    ExpectAllAgree("c0:PASSING c1:PASSING c2:PASSING");
  }

  // Suspected within 10 ms at the node, and heard of by the others soon after.
  void Crash(int i) {
    last_beat_ = clients_[i]->last_beat();
    crashed_at_ = now();
    Say(absl::StrCat("client-", i, " dies"));
    clients_[i]->Die();
    AdvanceBy(absl::Milliseconds(10));
    EXPECT_EQ(StateOf(i), internal::v1::SESSION_STATE_SUSPECT);
    AdvanceBy(absl::Milliseconds(10));
    ExpectAllAgree("c0:SUSPECT c1:PASSING c2:PASSING");
  }

  // Not before a full TTL after its last sign (or the restart), and no later than a tick or two
  // after its deadline.
  void ExpectEvictedByItsDeadline(int i) {
    const base::Instant since = std::max(last_beat_, restarted_at_);
    const base::Instant latest =
        std::max(crashed_at_, restarted_at_) + kTtl + absl::Milliseconds(100);
    while (Registered(i) && now() < latest) AdvanceBy(absl::Milliseconds(1));
    EXPECT_FALSE(Registered(i)) << "still there";
    EXPECT_GE(now() - since, kTtl) << "evicted early";
    AdvanceBy(absl::Seconds(12));
    for (int other : {1, 2}) {
      EXPECT_TRUE(absl::EndsWith(heard_[other].StoryOf("c0"), "PASSING, SUSPECT, gone EXPIRED"))
          << heard_[other].StoryOf("c0");
    }
  }

  void RestartNode(absl::Duration away) {
    const uint64_t epochs[] = {EpochOf(1), EpochOf(2)};
    Say("the node dies");
    node_.Crash();
    AdvanceBy(away);
    for (int i : {1, 2}) EXPECT_FALSE(clients_[i]->View().empty()) << "a view was emptied";
    Say("the node starts");
    restarted_at_ = now();
    node_.Start();
    const bool held = Registered(0);
    while (now() - restarted_at_ < kTtl - absl::Milliseconds(1)) {
      AdvanceBy(absl::Milliseconds(10));
      ASSERT_TRUE(Registered(1) && Registered(2)) << "evicted early";
      ASSERT_EQ(Registered(0), held) << "evicted early";
      if (now() - restarted_at_ > kTtl - absl::Milliseconds(20)) break;
    }
    AdvanceBy(absl::Milliseconds(5));
    EXPECT_EQ(EpochOf(1), epochs[0]) << "it had to register again";
    EXPECT_EQ(EpochOf(2), epochs[1]) << "it had to register again";
  }

  const std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  const std::shared_ptr<testing::ManualExecutor> queue_ =
      std::make_shared<testing::ManualExecutor>(*clock_);
  base::SeededRandom chance_;
  Delays delays_;
  std::string trace_;
  SimNode node_;
  const SimNetwork network_ = {{"node-1:7400", &node_}};
  std::vector<std::unique_ptr<SimClient>> clients_;
  Heard heard_[3];
  base::Instant last_beat_;
  base::Instant crashed_at_;
  base::Instant restarted_at_;
};

TEST(CrashTest, ManySeeds) {
  if (const char* only = std::getenv("ROLLCALL_SIM_SEED")) {
    SmallWorld world(std::strtoull(only, nullptr, 10));
    world.Run();
    std::printf("%s", world.trace().c_str());
    return;
  }
  const char* wish = std::getenv("ROLLCALL_SIM_SEEDS");
  const uint64_t seeds = wish != nullptr ? std::strtoull(wish, nullptr, 10) : 200;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("ROLLCALL_SIM_SEED=", seed));
    SmallWorld(seed).Run();
    if (::testing::Test::HasFailure()) {
      std::printf("failed with seed %d\n", static_cast<int>(seed));
      return;
    }
  }
}

TEST(CrashTest, TheSameSeedGivesTheSameTrace) {
  for (const uint64_t seed : {3, 4}) {
    SmallWorld first(seed);
    first.Run();
    SmallWorld second(seed);
    second.Run();
    EXPECT_EQ(first.trace(), second.trace()) << "seed " << seed;
    EXPECT_GT(first.trace().size(), 1000u);
  }
}

}  // namespace
}  // namespace rollcall::sim
