#include "server/cluster/election.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model/keys.h"
#include "server/store/etcd/etcd_leases.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/cluster/fake_leases.h"

namespace rollcall::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ElectionTest : public ::testing::Test {
 protected:
  void Told(std::optional<std::string> holder) {
    election.OnControl(kSweeperKey, Revision(++revision_), holder);
  }
  // Answers the oldest question.
  void Answer(absl::StatusOr<bool> ours) {
    ASSERT_FALSE(leases.takes.empty()) << "nobody asks";
    FakeLeases::Taking taking = std::move(leases.takes.front());
    leases.takes.erase(leases.takes.begin());
    taking.done(std::move(ours));
  }
  void Win() {
    election.Start();
    executor.AdvanceBy(Election::kSpread);
    Answer(true);
    Told("me");
    ASSERT_TRUE(election.held());
  }

  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  base::SeededRandom random{1};
  FakeLeases leases;
  std::vector<bool> changes;
  Election election{leases, executor, clock, random, kSweeperKey, NodeId("me"), [this](bool held) {
                      changes.push_back(held);
                    }};

 private:
  uint64_t revision_ = 0;
};

TEST_F(ElectionTest, AsksForAFreeOfficeAfterAShortWait) {
  election.Start();
  executor.RunReady();
  EXPECT_THAT(leases.takes, IsEmpty());
  executor.AdvanceBy(Election::kSpread);
  ASSERT_EQ(leases.takes.size(), 1u);
  EXPECT_EQ(leases.takes[0].key, kSweeperKey);
  EXPECT_EQ(leases.takes[0].value, "me");
  Answer(true);
  EXPECT_THAT(changes, ElementsAre(true));
}

TEST_F(ElectionTest, DoesNotAskWhileSomebodyHasIt) {
  Told("other");
  election.Start();
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(leases.takes, IsEmpty());
  Told(std::nullopt);
  executor.AdvanceBy(Election::kSpread);
  EXPECT_EQ(leases.takes.size(), 1u);
}

TEST_F(ElectionTest, DoesNotAskIfItWasTakenDuringTheWait) {
  election.Start();
  Told("other");
  executor.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(leases.takes, IsEmpty());
}

TEST_F(ElectionTest, HearsNothingOfOtherKeys) {
  election.OnControl(kReloadKey, Revision(1), "other");
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  EXPECT_EQ(leases.takes.size(), 1u);
}

TEST_F(ElectionTest, AnEndToldBeforeTheRefusalIsNotMissed) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  Told("other");
  Told(std::nullopt);
  Answer(false);
  executor.AdvanceBy(Election::kAskAgain + Election::kSpread);
  EXPECT_EQ(leases.takes.size(), 1u);
}

TEST_F(ElectionTest, AsksAgainAfterAnError) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  Answer(absl::UnavailableError("no"));
  executor.AdvanceBy(absl::Seconds(1));
  Answer(true);
  EXPECT_THAT(changes, ElementsAre(true));
}

TEST_F(ElectionTest, GivesUpAtOnceWhenTheLeaseMayBeLost) {
  Win();
  election.OnLeaseLost();
  EXPECT_THAT(changes, ElementsAre(true, false));
  EXPECT_FALSE(election.held());
  executor.AdvanceBy(Election::kSpread);
  Answer(false);
  Told("other");
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(leases.takes, IsEmpty());
}

TEST_F(ElectionTest, AnAnswerFromBeforeTheLossDoesNotCount) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  election.OnLeaseLost();
  Answer(true);
  EXPECT_THAT(changes, IsEmpty());
  executor.AdvanceBy(Election::kSpread);
  Answer(true);
  EXPECT_THAT(changes, ElementsAre(true));
}

TEST_F(ElectionTest, ALateWatchDoesNotUnseat) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  Answer(true);
  Told("earlier");
  ASSERT_EQ(leases.takes.size(), 1u) << "it asks the store";
  EXPECT_TRUE(election.held());
  Told(std::nullopt);
  Answer(true);
  Answer(true);
  Told("me");
  EXPECT_THAT(leases.takes, IsEmpty());
  EXPECT_THAT(changes, ElementsAre(true));
}

TEST_F(ElectionTest, AnOfficeThatAnotherHasIsLost) {
  Win();
  Told("other");
  Answer(false);
  EXPECT_THAT(changes, ElementsAre(true, false));
}

TEST_F(ElectionTest, DoubtThatCannotBeSettledGivesUp) {
  Win();
  Told(std::nullopt);
  Answer(absl::UnavailableError("no"));
  EXPECT_THAT(changes, ElementsAre(true, false));
  executor.AdvanceBy(absl::Seconds(1));
  Answer(true);
  EXPECT_THAT(changes, ElementsAre(true, false, true));
}

TEST_F(ElectionTest, ALatePutThatMadeItOursIsTakenUp) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  Answer(false);
  Told("other");
  Told(std::nullopt);
  Told("me");
  executor.AdvanceBy(Election::kAskAgain + Election::kSpread);
  Answer(true);
  EXPECT_THAT(changes, ElementsAre(true));
}

TEST_F(ElectionTest, StopGivesTheOfficeUp) {
  Win();
  std::optional<absl::Status> done;
  election.Stop([&](absl::Status status) { done = status; });
  EXPECT_THAT(changes, ElementsAre(true, false));
  EXPECT_EQ(done, absl::OkStatus());
  Told(std::nullopt);
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(leases.takes, IsEmpty());
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  EXPECT_EQ(leases.takes.size(), 1u);
}

TEST_F(ElectionTest, AnOfficeWonAfterStopIsNotKept) {
  election.Start();
  executor.AdvanceBy(Election::kSpread);
  election.Stop(nullptr);
  Answer(true);
  EXPECT_THAT(changes, IsEmpty());
  EXPECT_FALSE(election.held());
}

// Three nodes over one etcd: each hears of the office by its own, late watch.
class ElectionStormTest : public ::testing::TestWithParam<uint64_t> {};

struct Node final : public etcd::WatchEvents {
  Node(std::string id, etcd::FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock,
       base::Random& random)
      : api(etcd, executor, clock),
        leases(api, executor, clock, random, {.prefix = "/r/", .store_record = "record"}),
        election(leases, executor, clock, random, kSweeperKey, NodeId(std::move(id)),
                 [this](bool now) { held = now, terms += now ? 1 : 0; }) {
    leases.OnLost([this] { election.OnLeaseLost(); });
    Watch();
    election.Start();
  }
  void Watch() {
    etcd::pb::WatchCreateRequest request;
    request.set_key(std::string("/r/") + kSweeperKey);
    request.set_start_revision(next);
    watch = api.Watch(request, *this);
  }
  void OnResponse(etcd::pb::WatchResponse response) override {
    for (const etcd::pb::Event& event : response.events()) {
      next = event.kv().mod_revision() + 1;
      const bool put = event.type() == etcd::pb::Event::PUT;
      election.OnControl(kSweeperKey, Revision(event.kv().mod_revision()),
                         put ? std::optional<std::string>(event.kv().value()) : std::nullopt);
    }
  }
  void OnEnd(absl::Status) override { watch.reset(); }

  etcd::FakeEtcdClient api;
  etcd::EtcdLeases leases;
  Election election;
  std::unique_ptr<etcd::WatchHandle> watch;
  int64_t next = 1;
  bool held = false;
  int terms = 0;
};

TEST_P(ElectionStormTest, OneAtATimeAndOneInTheEnd) {
  testing::FakeClock clock;
  testing::ManualExecutor executor(clock);
  base::SeededRandom random(GetParam());
  etcd::FakeEtcd etcd(executor, clock, random);
  etcd.Put("/r/c/store", "record");
  std::vector<std::unique_ptr<Node>> nodes;
  for (const char* id : {"a", "b", "c"}) {
    nodes.push_back(std::make_unique<Node>(id, etcd, executor, clock, random));
    nodes.back()->api.SetChances({.cut_after = 0.05,
                                  .lost_before = 0.05,
                                  .lost_after = 0.05,
                                  .late = 0.05,
                                  .delay_most = absl::Milliseconds(100)});
  }
  const auto holders = [&] {
    int count = 0;
    for (const auto& node : nodes) count += node->held ? 1 : 0;
    return count;
  };
  for (int step = 0; step < 3000; ++step) {
    ASSERT_LE(holders(), 1) << "step " << step;
    Node& one = *nodes[random.Below(3)];
    if (one.watch == nullptr) one.Watch();
    if (random.Below(60) == 0) one.api.SetReach(static_cast<etcd::Reach>(random.Below(4)));
    if (random.Below(15) == 0) one.api.SetReach(etcd::Reach::kOpen);
    if (random.Below(60) == 0) one.api.HoldWatches(random.Below(2) == 0);
    if (random.Below(100) == 0) one.election.Stop(nullptr);
    if (random.Below(20) == 0) one.election.Start();
    if (random.Below(200) == 0) etcd.SetQuorum(false);
    if (random.Below(30) == 0) etcd.SetQuorum(true);
    executor.AdvanceBy(absl::Milliseconds(100));
  }
  etcd.SetQuorum(true);
  for (auto& node : nodes) {
    node->api.SetReach(etcd::Reach::kOpen);
    node->api.SetChances({});
    node->api.HoldWatches(false);
    node->watch.reset();
    node->Watch();
    node->election.Start();
  }
  executor.AdvanceBy(absl::Seconds(30));
  EXPECT_EQ(holders(), 1);
  int terms = 0;
  for (auto& node : nodes) terms += node->terms;
  EXPECT_GE(terms, 3);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ElectionStormTest, ::testing::Range<uint64_t>(1, 21));

}  // namespace
}  // namespace rollcall::cluster
