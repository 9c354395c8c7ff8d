#include "server/committer/deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "client-sdk/base/random.h"
#include "tests/support/manual_executor.h"

namespace rollcall::committer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Id = Deadlines::Id;

class DeadlinesTest : public ::testing::Test {
 protected:
  void Add(absl::Duration after, Id id) {
    waiting_.insert(id);
    deadlines_.Add(clock_.Steady() + after, id);
  }
  std::vector<Id> DueWithin(absl::Duration time) {
    executor_.AdvanceBy(time);
    return std::exchange(due_, {});
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  std::set<Id> waiting_;
  std::vector<Id> due_;
  Deadlines deadlines_{executor_, clock_, [this](Id id) { return waiting_.contains(id); },
                       [this](Id id) { due_.push_back(id); }};
};

TEST_F(DeadlinesTest, EachIsDueAtItsDeadlineAndNotBefore) {
  Add(absl::Seconds(3), 1);
  Add(absl::Seconds(1), 2);
  Add(absl::Seconds(2), 3);
  EXPECT_THAT(DueWithin(absl::Milliseconds(999)), IsEmpty());
  EXPECT_THAT(DueWithin(absl::Milliseconds(1)), ElementsAre(2));
  EXPECT_THAT(DueWithin(absl::Seconds(2)), ElementsAre(3, 1));
}

TEST_F(DeadlinesTest, OnesOfTheSameInstantComeInOrderOfNumber) {
  for (const Id id : {3, 1, 2}) Add(absl::Seconds(1), id);
  EXPECT_THAT(DueWithin(absl::Seconds(1)), ElementsAre(1, 2, 3));
}

TEST_F(DeadlinesTest, WhatIsOverIsNotTold) {
  Add(absl::Seconds(1), 1);
  Add(absl::Seconds(2), 2);
  waiting_.erase(1);
  EXPECT_THAT(DueWithin(absl::Seconds(5)), ElementsAre(2));
}

TEST_F(DeadlinesTest, AnInfiniteDeadlineNeverComes) {
  waiting_.insert(1);
  deadlines_.Add(base::Instant::InfiniteFuture(), 1);
  EXPECT_THAT(DueWithin(absl::Hours(1)), IsEmpty());
}

TEST_F(DeadlinesTest, SweepingLosesNoneThatWaits) {
  base::SeededRandom random(7);
  std::set<Id> left;
  for (Id id = 0; id < 20'000; ++id) {
    Add(absl::Milliseconds(1 + random.Below(1000)), id);
    if (random.Below(100) == 0) {
      left.insert(id);
    } else {
      waiting_.erase(id);
    }
  }
  const std::vector<Id> due = DueWithin(absl::Seconds(2));
  EXPECT_EQ(due.size(), left.size());
  EXPECT_EQ(std::set<Id>(due.begin(), due.end()), left);
}

TEST_F(DeadlinesTest, OnesAddedWhileOthersAreToldAreDueToo) {
  std::vector<Id> told;
  Deadlines* later = nullptr;
  Deadlines chain(
      executor_, clock_, [](Id) { return true; },
      [&](Id id) {
        told.push_back(id);
        if (id < 3) later->Add(clock_.Steady() + absl::Seconds(1), id + 1);
      });
  later = &chain;
  chain.Add(clock_.Steady() + absl::Seconds(1), 1);
  executor_.AdvanceBy(absl::Seconds(3));
  EXPECT_THAT(told, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace rollcall::committer
