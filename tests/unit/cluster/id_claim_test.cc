// Two processes with one node id, at one store.
#include "server/cluster/id_claim.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/cluster/fake_leases.h"

namespace rollcall::cluster {
namespace {

using Verdict = IdClaim::Verdict;
constexpr char kKey[] = "e/node/n1";

class IdClaimTest : public ::testing::Test {
 protected:
  struct Process {
    Process(IdClaimTest& test, std::string name)
        : incarnation(std::move(name)),
          claim(leases, test.executor_, test.clock_, test.random_, NodeId("n1"), incarnation,
                [this] { ++decided; }) {}

    std::string incarnation;
    FakeLeases leases;
    int decided = 0;
    IdClaim claim;
  };

  // The store decides what was asked, in the order of the processes.
  void Decide() {
    executor_.AdvanceBy(Election::kSpread + Election::kAskAgain);
    for (Process* process : {&first_, &second_}) {
      for (auto& taking : std::exchange(process->leases.takes, {})) {
        EXPECT_EQ(taking.key, kKey);
        if (holder_.empty()) holder_ = taking.value;
        taking.done(holder_ == taking.value);
      }
    }
  }
  void Tell(Process& process) {
    const auto value = holder_.empty() ? std::nullopt : std::optional(holder_);
    process.claim.OnControl(kKey, Revision(++revision_), value);
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{1};
  std::string holder_;
  uint64_t revision_ = 0;
  Process first_{*this, "1111"};
  Process second_{*this, "2222"};
};

TEST_F(IdClaimTest, IsOpenUntilTheStoreHasDecided) {
  first_.claim.Start();
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOpen);
  Decide();
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOurs);
  EXPECT_EQ(first_.decided, 1);
}

TEST_F(IdClaimTest, TheFirstThatAskedStaysWhateverTheClocksSay) {
  first_.claim.Start();
  Decide();
  clock_.SetWall(clock_.Wall() - absl::Hours(1));
  second_.claim.Start();
  Decide();
  EXPECT_EQ(second_.claim.Against("1111"), Verdict::kOpen) << "it has not been told who has it";
  Tell(second_);
  EXPECT_EQ(second_.decided, 1);
  EXPECT_EQ(second_.claim.Against("1111"), Verdict::kTheirs);
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOurs);
}

TEST_F(IdClaimTest, WhatAProcessThatEndedHasLeftMakesNobodyGo) {
  holder_ = "0000";
  for (Process* process : {&first_, &second_}) {
    process->claim.Start();
    Tell(*process);
  }
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOpen);
  EXPECT_EQ(second_.claim.Against("1111"), Verdict::kOpen);
  holder_.clear();
  Tell(first_);
  Tell(second_);
  Decide();
  Tell(first_);
  Tell(second_);
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOurs);
  EXPECT_EQ(second_.claim.Against("1111"), Verdict::kTheirs);
}

TEST_F(IdClaimTest, WhoLosesItsLeaseLosesTheClaimToWhoIsThere) {
  first_.claim.Start();
  Decide();
  Tell(first_);
  second_.claim.Start();
  Tell(second_);
  first_.claim.OnLeaseLost();
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kOpen);
  holder_.clear();
  Tell(second_);
  executor_.AdvanceBy(Election::kSpread);
  ASSERT_EQ(second_.leases.takes.size(), 1u);
  holder_ = "2222";
  std::exchange(second_.leases.takes, {})[0].done(true);
  Tell(first_);
  EXPECT_EQ(second_.claim.Against("1111"), Verdict::kOurs);
  EXPECT_EQ(first_.claim.Against("2222"), Verdict::kTheirs);
}

}  // namespace
}  // namespace rollcall::cluster
