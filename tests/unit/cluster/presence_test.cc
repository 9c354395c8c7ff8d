#include "server/cluster/presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/cluster/fake_leases.h"

namespace rollcall::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PresenceTest : public ::testing::Test {
 protected:
  PresenceTest() {
    presence_.OnConfirmed([this](bool confirmed) { told_.push_back(confirmed); });
  }
  static internal::v1::NodeRecord Self() {
    internal::v1::NodeRecord self;
    self.set_id("a");
    self.set_grpc_address("a:7400");
    return self;
  }
  internal::v1::NodeRecord Announced() {
    internal::v1::NodeRecord record;
    EXPECT_TRUE(record.ParseFromString(leases_.kept["n/a"]));
    return record;
  }
  void Renewed() { leases_.confirmed_at = clock_.Steady(); }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  FakeLeases leases_;
  uint32_t sessions_ = 0;
  std::vector<bool> told_;
  Presence presence_{leases_, executor_, clock_, Self(),
                     [this](internal::v1::NodeLoad& load) { load.set_sessions(sessions_); }};
};

TEST_F(PresenceTest, IsNotAnnouncedBeforeItStarts) {
  presence_.SetReady(true);
  EXPECT_THAT(leases_.kept, IsEmpty());
  presence_.Start();
  EXPECT_EQ(Announced().grpc_address(), "a:7400");
  EXPECT_TRUE(Announced().load().ready());
}

TEST_F(PresenceTest, ReadyDrainingAndAuditAreToldAtOnce) {
  presence_.Start();
  EXPECT_FALSE(Announced().load().ready());
  presence_.SetReady(true);
  EXPECT_TRUE(Announced().load().ready());
  presence_.SetDraining();
  EXPECT_TRUE(Announced().draining());
  internal::v1::AuditAnswer answer;
  answer.set_revision(7);
  presence_.SetAudit(answer);
  EXPECT_EQ(Announced().audit().revision(), 7u);
  EXPECT_TRUE(Announced().draining());
}

TEST_F(PresenceTest, WhatIsKnownAlreadyIsNotToldAgain) {
  presence_.Start();
  presence_.SetReady(true);
  presence_.SetReady(true);
  presence_.SetDraining();
  presence_.SetDraining();
  EXPECT_EQ(leases_.puts, 3);
}

TEST_F(PresenceTest, LoadIsToldEveryFiveSecondsAtMost) {
  presence_.Start();
  for (int i = 0; i < 100; ++i) {
    ++sessions_;
    executor_.AdvanceBy(absl::Milliseconds(100));
  }
  EXPECT_EQ(leases_.puts, 3);
  EXPECT_GT(Announced().load().sessions(), 90u);
}

TEST_F(PresenceTest, AnUnchangedLoadIsNotTold) {
  presence_.Start();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(leases_.puts, 1);
}

TEST_F(PresenceTest, LoadGoesAlongWithWhatIsToldAtOnce) {
  presence_.Start();
  sessions_ = 5;
  presence_.SetReady(true);
  EXPECT_EQ(Announced().load().sessions(), 5u);
}

TEST_F(PresenceTest, IsConfirmedByARenewalForHalfTheLease) {
  presence_.Start();
  executor_.RunReady();
  EXPECT_FALSE(presence_.confirmed());
  Renewed();
  executor_.AdvanceBy(Presence::kLook);
  EXPECT_TRUE(presence_.confirmed());
  executor_.AdvanceBy(leases_.ttl() / 2 - Presence::kLook);
  EXPECT_FALSE(presence_.confirmed());
  EXPECT_THAT(told_, ElementsAre(true, false));
}

TEST_F(PresenceTest, RenewalsKeepItConfirmedWithoutAWord) {
  presence_.Start();
  for (int i = 0; i < 20; ++i) {
    Renewed();
    executor_.AdvanceBy(absl::Seconds(2));
  }
  EXPECT_THAT(told_, ElementsAre(true));
  executor_.AdvanceBy(absl::Seconds(1));
  Renewed();
  executor_.AdvanceBy(Presence::kLook);
  EXPECT_THAT(told_, ElementsAre(true, false, true));
}

TEST_F(PresenceTest, WhoLeavesSaysSoFirst) {
  presence_.Start();
  Renewed();
  executor_.AdvanceBy(Presence::kLook);
  bool done = false;
  presence_.Withdraw([&](const absl::Status& status) { done = status.ok(); });
  EXPECT_TRUE(Announced().leaving());
  internal::v1::NodeRecord of_before = Announced();
  of_before.set_leaving(false);
  presence_.OnOwnRecord(of_before);
  EXPECT_FALSE(done);
  presence_.OnOwnRecord(Announced());
  EXPECT_TRUE(done);
  EXPECT_THAT(leases_.kept, IsEmpty());
}

TEST_F(PresenceTest, WhoCannotBeHeardLeavesWithoutAWord) {
  presence_.Start();
  executor_.RunReady();
  bool done = false;
  presence_.Withdraw([&](const absl::Status& status) { done = status.ok(); });
  EXPECT_TRUE(done);
}

TEST_F(PresenceTest, NothingIsToldOnceItIsWithdrawn) {
  presence_.Start();
  Renewed();
  executor_.AdvanceBy(Presence::kLook);
  bool done = false;
  presence_.Withdraw([&](const absl::Status& status) { done = status.ok(); });
  executor_.AdvanceBy(Presence::kTellLeaving);
  EXPECT_TRUE(done);
  presence_.SetReady(true);
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(leases_.kept, IsEmpty());
  EXPECT_THAT(told_, ElementsAre(true));
}

}  // namespace
}  // namespace rollcall::cluster
