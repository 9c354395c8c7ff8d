// The eviction brake: when it holds, what it counts, and how it ends.
#include "tests/unit/health/eviction_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BrakedEvictionTest : public EvictionTest {};

TEST_F(BrakedEvictionTest, TheBrakeHoldsWhenTooManyWouldGo) {
  Start();
  JoinFleet(10);
  BreakOff(6);
  AdvanceBy(kTtl + absl::Seconds(5));
  const Commits commits = TakeCommits();
  EXPECT_EQ(Count(commits, "SUSPECT"), 6);
  EXPECT_EQ(Count(commits, "END"), 0) << "they stay suspect";
  ASSERT_THAT(events_.engaged, SizeIs(1)) << "said once";
  EXPECT_EQ(events_.engaged[0].service(), "billing");
  EXPECT_EQ(events_.engaged[0].zone(), "a");
  const auto brakes = table_->Brakes();
  ASSERT_THAT(brakes, SizeIs(1));
  EXPECT_EQ(brakes[0].would_go(), 6u);
  EXPECT_EQ(brakes[0].at_window_start(), 10u);
  EXPECT_EQ(brakes[0].held(), 6u);
  EXPECT_EQ(brakes[0].until().seconds() - brakes[0].since().seconds(), 900);
  EXPECT_EQ(table_->counters().brakes_holding, 1u);
  EXPECT_EQ(table_->counters().evictions_held, 6u);
}

TEST_F(BrakedEvictionTest, TheBrakeHoldsThoughDeadlinesPassOneByOne) {
  Start();
  JoinFleet(10);
  for (int i = 0; i < 6; ++i) {
    executor_.PostAt(clock_.Steady() + i * absl::Milliseconds(400),
                     [this, i] { fleet_[i]->Beat(); });
  }
  for (size_t i = 6; i < fleet_.size(); ++i) KeepBeating(*fleet_[i], absl::Minutes(1));
  AdvanceBy(2 * kTtl);
  EXPECT_EQ(Count(TakeCommits(), "END"), 0);
  EXPECT_THAT(events_.engaged, SizeIs(1));
}

TEST_F(BrakedEvictionTest, BelowTheShareEveryoneGoes) {
  Start();
  JoinFleet(10);
  BreakOff(4);
  AdvanceBy(kTtl + absl::Seconds(1));
  EXPECT_EQ(Count(TakeCommits(), "END"), 4);
  EXPECT_THAT(events_.engaged, IsEmpty());
}

TEST_F(BrakedEvictionTest, EvictionsOfTheWindowCountTowardsTheBrake) {
  Start();
  JoinFleet(10);
  BreakOff(3);
  AdvanceBy(kTtl + absl::Seconds(1));
  EXPECT_EQ(Count(TakeCommits(), "END"), 3);
  // Two more of seven are below every limit, but with the three before them they are half of ten.
  AdvanceBy(absl::Seconds(1));
  quiet_ = {3, 4};
  AdvanceBy(kTtl + absl::Seconds(1));
  EXPECT_EQ(Count(TakeCommits(), "END"), 0);
  EXPECT_THAT(events_.engaged, SizeIs(1));
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Count(TakeCommits(), "END"), 2) << "when the window has passed";
  EXPECT_EQ(events_.ended[0].second, "the share fell");
}

TEST_F(BrakedEvictionTest, ReleaseLetsTheHeldEvictionsGo) {
  Start();
  JoinFleet(10);
  BreakOff(6);
  AdvanceBy(kTtl + absl::Minutes(2));
  TakeCommits();
  EXPECT_EQ(table_->ReleaseBrake({"default", "orders"}, "ann"), 0u);
  EXPECT_EQ(table_->ReleaseBrake({"default", "billing"}, "ann"), 6u);
  EXPECT_THAT(events_.released, ElementsAre("billing by ann: 6"));
  executor_.RunReady();
  EXPECT_EQ(Count(TakeCommits(), "END"), 6);
  EXPECT_THAT(evidence_, HasSubstr("held by the eviction brake for 2m"));
  ASSERT_THAT(events_.ended, SizeIs(1));
  EXPECT_EQ(events_.ended[0].second, "an operator released it");
  EXPECT_EQ(events_.ended[0].first.held(), 6u);
  EXPECT_THAT(table_->Brakes(), IsEmpty());
  EXPECT_EQ(table_->counters().evictions_held, 0u);
}

TEST_F(BrakedEvictionTest, TheBrakeEndsAfterMaxHold) {
  Start();
  JoinFleet(10);
  BreakOff(6);
  AdvanceBy(kTtl + absl::Minutes(14));
  EXPECT_EQ(Count(TakeCommits(), "END"), 0);
  AdvanceBy(absl::Minutes(2));
  EXPECT_EQ(Count(TakeCommits(), "END"), 6);
  EXPECT_EQ(events_.ended[0].second, "it held for as long as it may");
}

TEST_F(BrakedEvictionTest, TheBrakeEndsWhenTheSuspectComeBack) {
  Start();
  JoinFleet(10);
  BreakOff(6);
  AdvanceBy(kTtl + absl::Minutes(1));
  std::vector<std::unique_ptr<Client>> back;
  for (int i = 0; i < 3; ++i) {
    back.push_back(Connect(SessionId(absl::StrCat("p", i))));
    KeepBeating(*back.back(), absl::Hours(1));
  }
  AdvanceBy(absl::Seconds(1));
  const Commits commits = TakeCommits();
  EXPECT_EQ(Count(commits, "RENEW"), 3);
  EXPECT_EQ(Count(commits, "END"), 3) << "three of ten may go";
  EXPECT_EQ(events_.ended[0].second, "the share fell");
}

TEST_F(BrakedEvictionTest, AReleaseIsToldAlsoWhenNothingIsDueNow) {
  Start();
  JoinFleet(10);
  BreakOff(5);
  AdvanceBy(kTtl + absl::Seconds(1));
  ASSERT_THAT(table_->Brakes(), SizeIs(1));
  for (int i = 5; i < 10; ++i) fleet_[i]->Break();
  AdvanceBy(kTick);
  std::vector<std::unique_ptr<Client>> back;
  back.reserve(5);
  for (int i = 0; i < 5; ++i) back.push_back(Connect(SessionId(absl::StrCat("p", i))));
  AdvanceBy(absl::Seconds(1));
  ASSERT_THAT(table_->Brakes(), SizeIs(1)) << "five of ten are suspect";
  EXPECT_EQ(table_->ReleaseBrake({"default", "billing"}, "ann"), 0u);
  EXPECT_THAT(events_.released, ElementsAre("billing by ann: 0"));
}

TEST_F(BrakedEvictionTest, TheServicesOwnBrakeCounts) {
  v1::EvictionBrake brake;
  brake.set_enabled(false);
  registry_.set_brake(brake);
  Start();
  JoinFleet(10);
  BreakOff(10);
  AdvanceBy(kTtl + absl::Seconds(1));
  EXPECT_EQ(Count(TakeCommits(), "END"), 10);
}

TEST_F(BrakedEvictionTest, OneZoneThatIsHeldDoesNotHoldAnother) {
  Start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(Connect(Register(absl::StrCat("a", i), "billing", "a")));
    clients.push_back(Connect(Register(absl::StrCat("b", i), "billing", "b")));
  }
  for (size_t i = 0; i < clients.size(); ++i) {
    const bool dies = i % 2 == 0 || i == 1;  // all of zone a, one of zone b
    if (dies) {
      clients[i]->Break();
    } else {
      KeepBeating(*clients[i], absl::Minutes(1));
    }
  }
  AdvanceBy(kTtl + absl::Seconds(1));
  const Commits commits = TakeCommits();
  EXPECT_EQ(Count(commits, "END b0"), 1);
  EXPECT_EQ(Count(commits, "END"), 1);
}

}  // namespace
}  // namespace rollcall::health
