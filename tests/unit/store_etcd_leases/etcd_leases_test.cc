// EtcdLeases over an etcd that fails on purpose.
#include "server/store/etcd/etcd_leases.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::etcd {
namespace {

constexpr char kRecord[] = "the store opened";

// One process with a lease of five seconds.
struct Process {
  Process(FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock, base::Random& random)
      : api(etcd, executor, clock),
        leases(api, executor, clock, random,
               {.prefix = "/r/", .store_record = kRecord, .ttl = absl::Seconds(5)}) {
    leases.OnLost([this] { ++lost; });
  }

  FakeEtcdClient api;
  EtcdLeases leases;
  int lost = 0;
};

class EtcdLeasesTest : public ::testing::Test {
 protected:
  EtcdLeasesTest() { etcd.Put("/r/c/store", kRecord); }

  std::optional<std::string> Value(const std::string& key) {
    const auto kv = etcd.Get("/r/" + key);
    return kv ? std::optional<std::string>(kv->value()) : std::nullopt;
  }
  int64_t LeaseOf(const std::string& key) { return etcd.Get("/r/" + key)->lease(); }
  // Takes, and lets some time pass for the answer.
  absl::StatusOr<bool> Take(Process& process, const std::string& key, const std::string& value,
                            absl::Duration wait = absl::Milliseconds(100)) {
    std::optional<absl::StatusOr<bool>> answer;
    process.leases.Take(key, value, [&](absl::StatusOr<bool> ours) { answer = ours; });
    executor.AdvanceBy(wait);
    return answer.value_or(absl::InternalError("no answer"));
  }
  void AdvanceBy(absl::Duration d) { executor.AdvanceBy(d); }

  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  base::SeededRandom random{3};
  FakeEtcd etcd{executor, clock, random};
  Process a{etcd, executor, clock, random};
  Process b{etcd, executor, clock, random};
};

TEST_F(EtcdLeasesTest, NothingIsConfirmedBeforeTheFirstLease) {
  EXPECT_EQ(a.leases.confirmed(), base::Instant::FromOrigin(-absl::InfiniteDuration()));
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(a.api.calls(CallKind::kLeaseGrant), 0);
}

TEST_F(EtcdLeasesTest, AKeptKeyStandsAsLongAsTheProcessLives) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Value("n/a"), "hello");
  EXPECT_EQ(a.lost, 0);
  EXPECT_GE(a.leases.confirmed(), clock.Steady() - absl::Seconds(2));
  EXPECT_EQ(a.leases.ttl(), absl::Seconds(5));
}

TEST_F(EtcdLeasesTest, KeepingChecksAndDoesNotWriteAgain) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  const int64_t revision = etcd.revision();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(etcd.revision(), revision);
}

TEST_F(EtcdLeasesTest, AKeptKeyTakesANewValue) {
  a.leases.Keep("n/a", "1");
  a.leases.Keep("n/a", "2");
  AdvanceBy(absl::Milliseconds(1));
  a.leases.Keep("n/a", "3");
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(Value("n/a"), "3");
}

TEST_F(EtcdLeasesTest, AKeptKeyThatVanishedIsPutAgain) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  etcd.Delete("/r/n/a");
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(Value("n/a"), "hello");
}

TEST_F(EtcdLeasesTest, AKeptKeyOfAnEarlierProcessIsTakenOver) {
  etcd.Put("/r/n/a", "hello");  // under another lease, or none
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  EXPECT_NE(LeaseOf("n/a"), 0);
}

TEST_F(EtcdLeasesTest, KeysOfADeadProcessGo) {
  auto dead = std::make_unique<Process>(etcd, executor, clock, random);
  dead->leases.Keep("n/dead", "hello");
  AdvanceBy(absl::Seconds(1));
  dead.reset();
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(Value("n/dead"), std::nullopt);
}

TEST_F(EtcdLeasesTest, OneOfTwoTakesAnOffice) {
  EXPECT_EQ(Take(a, "e/sweeper", "a"), absl::StatusOr<bool>(true));
  EXPECT_EQ(Take(b, "e/sweeper", "b"), absl::StatusOr<bool>(false));
  EXPECT_EQ(Value("e/sweeper"), "a");
  EXPECT_EQ(Take(a, "e/sweeper", "a"), absl::StatusOr<bool>(true)) << "it has it already";
}

TEST_F(EtcdLeasesTest, ADroppedOfficeIsFree) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  std::optional<absl::Status> dropped;
  a.leases.Drop("e/sweeper", [&](absl::Status status) { dropped = status; });
  AdvanceBy(absl::Milliseconds(10));
  EXPECT_EQ(dropped, absl::OkStatus());
  EXPECT_TRUE(*Take(b, "e/sweeper", "b"));
  a.leases.Drop("e/sweeper", nullptr);
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("e/sweeper"), "b") << "not ours to drop";
}

TEST_F(EtcdLeasesTest, TakingRightAfterDroppingFindsItFree) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.leases.Drop("e/sweeper", nullptr);
  EXPECT_EQ(Take(a, "e/sweeper", "again"), absl::StatusOr<bool>(true));
  EXPECT_EQ(Value("e/sweeper"), "again");
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("e/sweeper"), "again");
}

TEST_F(EtcdLeasesTest, ADeletionThatComesLateDoesNotHitAnOfficeTakenAnew) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.api.Next(CallKind::kTxn, Fate::kCarriedOut);  // looks which one it is
  a.api.Next(CallKind::kTxn, Fate::kLate);        // deletes it
  std::optional<absl::Status> dropped;
  a.leases.Drop("e/sweeper", [&](absl::Status status) { dropped = status; });
  AdvanceBy(absl::Milliseconds(2500));
  ASSERT_EQ(dropped, absl::OkStatus());
  ASSERT_EQ(Value("e/sweeper"), std::nullopt);
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("e/sweeper"), "a");
}

TEST_F(EtcdLeasesTest, KeepingRightAfterDroppingStands) {
  a.leases.Keep("n/a", "1");
  AdvanceBy(absl::Seconds(1));
  std::optional<absl::Status> dropped;
  a.leases.Drop("n/a", [&](absl::Status status) { dropped = status; });
  a.leases.Keep("n/a", "2");
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("n/a"), "2");
  EXPECT_EQ(dropped, absl::OkStatus());
}

TEST_F(EtcdLeasesTest, UnknownOutcomesAreSettled) {
  for (const Fate fate : {Fate::kCutBefore, Fate::kCutAfter, Fate::kLostBefore, Fate::kLostAfter,
                          Fate::kLate, Fate::kBusy}) {
    const std::string office = "e/" + std::to_string(static_cast<int>(fate));
    const std::string node = "n/" + std::to_string(static_cast<int>(fate));
    a.leases.Keep(node, "hello");
    a.api.Next(CallKind::kTxn, fate);
    EXPECT_EQ(Take(a, office, "a", absl::Seconds(5)), absl::StatusOr<bool>(true));
    EXPECT_EQ(Value(office), "a");
    EXPECT_EQ(Value(node), "hello");
  }
  EXPECT_EQ(a.lost, 0);
}

TEST_F(EtcdLeasesTest, AGrantNobodyAnsweredIsOneLease) {
  for (const Fate fate : {Fate::kLostAfter, Fate::kCutAfter, Fate::kCutBefore, Fate::kLate}) {
    Process process(etcd, executor, clock, random);
    process.api.Next(CallKind::kLeaseGrant, fate);
    process.leases.Keep("n/p", "hello");
    AdvanceBy(absl::Seconds(10));
    EXPECT_EQ(Value("n/p"), "hello");
    EXPECT_EQ(process.lost, 0);
  }
}

TEST_F(EtcdLeasesTest, RenewalsThatFailAreTriedAgainInTime) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  for (int i = 0; i < 20; ++i) {
    a.api.Next(CallKind::kLeaseKeepAlive, i % 2 == 0 ? Fate::kLostBefore : Fate::kCutAfter);
    a.api.Next(CallKind::kLeaseKeepAlive, Fate::kCarriedOut);
  }
  AdvanceBy(absl::Seconds(30));
  EXPECT_EQ(a.lost, 0);
  EXPECT_EQ(Value("n/a"), "hello");
}

TEST_F(EtcdLeasesTest, TheLeaseIsLostWhenItsTimeIsOverByOurClock) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  const base::Instant confirmed = a.leases.confirmed();
  a.api.SetReach(Reach::kSilent);
  executor.AdvanceTo(confirmed + absl::Seconds(5) - absl::Milliseconds(1));
  EXPECT_EQ(a.lost, 0);
  EXPECT_EQ(Value("e/sweeper"), "a") << "etcd does not end it before we do";
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(a.leases.confirmed(), confirmed);
}

TEST_F(EtcdLeasesTest, AfterALossKeptKeysComeBackAndOfficesDoNot) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  a.api.SetReach(Reach::kSilent);
  AdvanceBy(absl::Seconds(20));
  EXPECT_EQ(Value("n/a"), std::nullopt);
  a.api.SetReach(Reach::kOpen);
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(Value("n/a"), "hello");
  EXPECT_EQ(Value("e/sweeper"), std::nullopt);
  EXPECT_EQ(a.lost, 1);
}

TEST_F(EtcdLeasesTest, ALeaseThatEtcdStillHoldsIsGivenUpWithoutTheKeyEverGoing) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  const int64_t created = etcd.Get("/r/n/a")->create_revision();
  // Answers come no more, but etcd hears the renewals.
  a.api.SetReach(Reach::kNoAnswers);
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(Value("e/sweeper"), "a");
  a.api.SetReach(Reach::kOpen);
  AdvanceBy(absl::Seconds(4));
  EXPECT_EQ(Value("n/a"), "hello");
  EXPECT_EQ(etcd.Get("/r/n/a")->create_revision(), created);
  EXPECT_EQ(Value("e/sweeper"), std::nullopt) << "the old lease is revoked";
}

TEST_F(EtcdLeasesTest, ALeaseThatEtcdHasEndedIsLostAtTheNextRenewal) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  pb::LeaseRevokeRequest revoke;
  revoke.set_id(LeaseOf("n/a"));
  ASSERT_TRUE(etcd.state().Revoke(revoke).ok());
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(Value("n/a"), "hello");
}

TEST_F(EtcdLeasesTest, WithoutQuorumTheLeaseIsLostAndComesBackAfterwards) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  etcd.SetQuorum(false);
  AdvanceBy(absl::Seconds(30));
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(Value("n/a"), "hello") << "nothing ends without quorum";
  etcd.SetQuorum(true);
  AdvanceBy(absl::Seconds(20));
  EXPECT_EQ(Value("n/a"), "hello");
  EXPECT_EQ(a.lost, 1);
}

TEST_F(EtcdLeasesTest, APausedProcessHasLostItsLease) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  clock.AdvanceBy(absl::Seconds(7));
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(a.lost, 1);
}

TEST_F(EtcdLeasesTest, TakesUnderWayFailWithTheLease) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  a.api.SetReach(Reach::kSilent);
  EXPECT_EQ(Take(a, "e/sweeper", "a", absl::Seconds(6)).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(EtcdLeasesTest, ALatePutOfAnOfficeIsFoundToBeOurs) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(1));
  a.api.FailNext(CallKind::kTxn, absl::PermissionDeniedError("no"));
  EXPECT_EQ(Take(a, "e/sweeper", "a").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Take(a, "e/sweeper", "a"), absl::StatusOr<bool>(true));
  EXPECT_EQ(Take(a, "e/sweeper", "a"), absl::StatusOr<bool>(true));
}

TEST_F(EtcdLeasesTest, NothingIsWrittenToAnotherStore) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  etcd.Put("/r/c/store", "another");
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("n/a"), std::nullopt);
  EXPECT_EQ(Value("e/sweeper"), std::nullopt);
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(Take(a, "e/sweeper", "a").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(EtcdLeasesTest, EndRevokesEverythingAtOnce) {
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  a.api.Next(CallKind::kLeaseRevoke, Fate::kCutBefore);
  std::optional<absl::Status> ended;
  a.leases.End([&](absl::Status status) { ended = status; });
  AdvanceBy(absl::Milliseconds(100));
  EXPECT_EQ(ended, absl::OkStatus());
  EXPECT_EQ(Value("n/a"), std::nullopt);
  EXPECT_EQ(Value("e/sweeper"), std::nullopt);
  EXPECT_EQ(a.lost, 0);
  a.leases.Keep("n/a", "again");
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(Value("n/a"), std::nullopt);
}

TEST_F(EtcdLeasesTest, EndWithoutALeaseIsDone) {
  std::optional<absl::Status> ended;
  a.leases.End([&](absl::Status status) { ended = status; });
  EXPECT_FALSE(ended) << "later than the call";
  AdvanceBy(absl::ZeroDuration());
  executor.RunReady();
  EXPECT_EQ(ended, absl::OkStatus());
}

TEST_F(EtcdLeasesTest, EndWithoutEtcdIsAnsweredWhenTheLeaseIsOver) {
  a.leases.Keep("n/a", "hello");
  AdvanceBy(absl::Milliseconds(100));
  a.api.SetReach(Reach::kSilent);
  std::optional<absl::Status> ended;
  a.leases.End([&](absl::Status status) { ended = status; });
  AdvanceBy(absl::Seconds(8));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(EtcdLeasesTest, AnOfficeChangesHandsThoughEtcdIsFull) {
  b.leases.Keep("n/b", "hello");
  ASSERT_TRUE(*Take(a, "e/sweeper", "a"));
  etcd.RaiseNoSpace();
  a.leases.End(nullptr);
  AdvanceBy(absl::Milliseconds(100));
  EXPECT_EQ(Take(b, "e/sweeper", "b"), absl::StatusOr<bool>(true));
}

// Whatever goes wrong, an office has one holder who believes in it, and afterwards all is well.
class EtcdLeasesStormTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(EtcdLeasesStormTest, NeverTwoHolders) {
  testing::FakeClock clock;
  testing::ManualExecutor executor(clock);
  base::SeededRandom random(GetParam());
  FakeEtcd etcd(executor, clock, random);
  etcd.Put("/r/c/store", kRecord);
  struct Candidate {
    Candidate(FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock,
              base::Random& random)
        : process(etcd, executor, clock, random) {
      process.leases.OnLost([this] { held = false; });
    }
    Process process;
    bool held = false;
    bool asking = false;
  };
  std::vector<std::unique_ptr<Candidate>> candidates;
  for (int i = 0; i < 3; ++i) {
    candidates.push_back(std::make_unique<Candidate>(etcd, executor, clock, random));
    candidates.back()->process.leases.Keep("n/" + std::to_string(i), "hello");
    candidates.back()->process.api.SetChances({.cut_before = 0.1,
                                               .cut_after = 0.1,
                                               .lost_before = 0.05,
                                               .lost_after = 0.05,
                                               .late = 0.05,
                                               .busy = 0.05,
                                               .delay_most = absl::Milliseconds(300)});
  }
  int terms = 0;
  for (int step = 0; step < 3000; ++step) {
    int holders = 0;
    for (auto& candidate : candidates) {
      holders += candidate->held ? 1 : 0;
      if (candidate->held || candidate->asking || random.Below(10) > 0) continue;
      candidate->asking = true;
      candidate->process.leases.Take("e/sweeper", "x", [&](absl::StatusOr<bool> ours) {
        candidate->asking = false;
        candidate->held = ours.ok() && *ours;
        terms += candidate->held ? 1 : 0;
      });
    }
    ASSERT_LE(holders, 1) << "step " << step;
    Candidate& one = *candidates[random.Below(3)];
    if (random.Below(50) == 0) one.process.api.SetReach(static_cast<Reach>(random.Below(4)));
    if (random.Below(20) == 0) one.process.api.SetReach(Reach::kOpen);
    if (random.Below(100) == 0) etcd.SetQuorum(false);
    if (random.Below(30) == 0) etcd.SetQuorum(true);
    executor.AdvanceBy(absl::Milliseconds(100));
  }
  EXPECT_GE(terms, 5);
  etcd.SetQuorum(true);
  for (auto& candidate : candidates) {
    candidate->process.api.SetReach(Reach::kOpen);
    candidate->process.api.SetChances({});
  }
  executor.AdvanceBy(absl::Seconds(20));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(etcd.Get("/r/n/" + std::to_string(i))) << i;
}

INSTANTIATE_TEST_SUITE_P(Seeds, EtcdLeasesStormTest, ::testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace rollcall::etcd
