#include "server/flow/sweeper.h"

#include "server/command/operator_commands.h"
#include "server/model/keys.h"
#include "tests/unit/flow/flow_fixture.h"

namespace rollcall::flow {
namespace {

using testing::Name;

class SweeperTest : public FlowTest {
 protected:
  void Deregister(const std::string& session) {
    Run(std::make_shared<command::Deregister>(
        command::SessionProof{SessionId(session), session + "-secret"}, std::vector<InstanceName>{},
        true, command::Reason{v1::CAUSE_DEREGISTERED, "owner", ""}));
  }
  void Override(const std::string& id, std::optional<absl::Duration> lasts) {
    Run(std::make_shared<command::SetOverride>(
        command::SetOverride::Wish{
            .name = Name("web", id), .mode = v1::OVERRIDE_MODE_DRAINING, .duration = lasts},
        command::Reason{v1::CAUSE_OVERRIDE_SET, "ada", ""}));
  }
  static constexpr absl::Duration kWindow = absl::Minutes(10);
};

TEST_F(SweeperTest, ATombstoneIsKeptForTheResumeWindowAndGoesSoonAfter) {
  StartSweeper(kWindow);
  AdvanceBy(absl::Seconds(5));
  Register("web", "a", "s1");
  Deregister("s1");
  AdvanceBy(kWindow - absl::Seconds(1));
  EXPECT_TRUE(Stands("web", "a"));
  EXPECT_EQ(views_->horizon(), Revision(0));
  AdvanceBy(kWindow / 60 + absl::Seconds(3));
  EXPECT_FALSE(Stands("web", "a"));
  EXPECT_FALSE(catalog_->Session(SessionId("s1")).exists());
  EXPECT_EQ(views_->Find({"default", "web"}), nullptr);
}

TEST_F(SweeperTest, TheHorizonIsRaisedInARevisionBeforeTheFirstPurge) {
  StartSweeper(kWindow);
  Register("web", "a", "s1");
  Deregister("s1");
  const Revision removed = catalog_->applied();
  bool purged = false;
  Revision horizon_at_purge;
  replica_->Listen([&](const catalog::Happened&) {
    if (purged || Stands("web", "a")) return;
    purged = true;
    horizon_at_purge = views_->horizon();
  });
  AdvanceBy(kWindow + absl::Minutes(1));
  EXPECT_TRUE(purged);
  EXPECT_GE(horizon_at_purge, removed);
  EXPECT_GT(catalog_->applied(), catalog_->Horizon().revision);
}

TEST_F(SweeperTest, NothingIsPurgedWhenTheHorizonCannotBeRaised) {
  StartSweeper(kWindow);
  Register("web", "a", "s1");
  Deregister("s1");
  store_->Next(Fate::kRefused, 1000);
  AdvanceBy(kWindow + absl::Minutes(1));
  EXPECT_TRUE(Stands("web", "a"));
  EXPECT_EQ(views_->horizon(), Revision(0));
}

TEST_F(SweeperTest, AfterARestartTheWindowBeginsAnew) {
  Register("web", "a", "s1");
  Deregister("s1");
  AdvanceBy(kWindow * 3);
  StartSweeper(kWindow);
  AdvanceBy(kWindow - absl::Seconds(1));
  EXPECT_TRUE(Stands("web", "a"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(Stands("web", "a"));
}

TEST_F(SweeperTest, APurgeGoesInSteps) {
  StartSweeper(kWindow, 10);
  RegisterMany("s1", 40);
  Deregister("s1");
  AdvanceBy(kWindow + kWindow / 60 + absl::Seconds(30));
  EXPECT_EQ(views_->Find({"default", "web"}), nullptr);
  for (const auto& group : store_->groups()) {
    size_t deletes = 0;
    for (const auto& transaction : group) deletes += transaction.deletes.size();
    EXPECT_LE(deletes, 10u);
  }
}

TEST_F(SweeperTest, AnOverrideEndsAtItsEndWithinASweep) {
  Register("web", "a", "s1");
  Override("a", absl::Seconds(90));
  Override("b", std::nullopt);
  StartSweeper();
  AdvanceBy(absl::Seconds(89));
  EXPECT_EQ(catalog_->Overrides().size(), 2u);
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(catalog_->Overrides().size(), 1u);
  EXPECT_EQ(catalog_->Override(Name("web", "a"))->stamp().cause(), v1::CAUSE_OVERRIDE_EXPIRED);
  EXPECT_EQ(catalog_->Override(Name("web", "a"))->stamp().actor(), "node-1");
}

TEST_F(SweeperTest, AnOverrideGoesByTheTimeOfDay) {
  Override("a", absl::Hours(1));
  StartSweeper();
  clock_.SetWall(clock_.Wall() + absl::Hours(2));
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(catalog_->Overrides().empty());
}

TEST_F(SweeperTest, OrphansAreFoundAtTheStartAndNowAndThen) {
  Register("web", "a", "s1");
  Move("s1", internal::v1::SESSION_STATE_ENDED);
  StartSweeper();
  EXPECT_EQ(catalog_->instance_count(), 0u);
  Register("web", "b", "s2");
  Move("s2", internal::v1::SESSION_STATE_ENDED);
  AdvanceBy(absl::Seconds(31));
  EXPECT_EQ(catalog_->instance_count(), 0u);
}

TEST_F(SweeperTest, WhoHasNotTheOfficeWritesNothing) {
  Register("web", "a", "s1");
  Register("web", "b", "s2");
  Override("a", absl::Seconds(90));
  Deregister("s1");
  Move("s2", internal::v1::SESSION_STATE_ENDED);
  const size_t groups = store_->groups().size();
  StartSweeper(kWindow, 5000, false);
  AdvanceBy(kWindow * 2);
  EXPECT_EQ(store_->groups().size(), groups);
}

TEST_F(SweeperTest, WhoTakesTheOfficeGoesOnAtOnceAndForgetsNothingEarly) {
  Register("web", "a", "s1");
  StartSweeper(kWindow, 5000, false);
  Deregister("s1");
  AdvanceBy(kWindow * 2);
  Register("web", "b", "s2");
  Deregister("s2");
  Register("web", "c", "s3");
  Move("s3", internal::v1::SESSION_STATE_ENDED);
  sweeper_->SetActive(true);
  AdvanceBy(absl::Seconds(2));
  EXPECT_FALSE(Stands("web", "a")) << "it saw the removal a window ago";
  EXPECT_TRUE(Stands("web", "b"));
  EXPECT_FALSE(Registered("web", "c")) << "orphans are found at once";
  AdvanceBy(kWindow - absl::Seconds(3));
  EXPECT_TRUE(Stands("web", "b"));
  AdvanceBy(kWindow / 60 + absl::Seconds(5));
  EXPECT_FALSE(Stands("web", "b"));
}

TEST_F(SweeperTest, WhoLosesTheOfficeStops) {
  StartSweeper(kWindow);
  Register("web", "a", "s1");
  Deregister("s1");
  sweeper_->SetActive(false);
  AdvanceBy(kWindow * 2);
  EXPECT_TRUE(Stands("web", "a"));
}

TEST_F(SweeperTest, AnIdleSweeperWritesNothing) {
  Register("web", "a", "s1");
  StartSweeper();
  const size_t groups = store_->groups().size();
  AdvanceBy(absl::Hours(2));
  EXPECT_EQ(store_->groups().size(), groups);
}

}  // namespace
}  // namespace rollcall::flow
