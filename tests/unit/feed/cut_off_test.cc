// What becomes of watchers that were cut off: a drain does not forget them, and each is told of.
#include "server/feed/cut_offs.h"

#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CutOffTest : public FeedTest {
 protected:
  CutOffTest() { acknowledged_ = Put("user", "a"); }

  // Acknowledges what stands, then nothing more.
  Watch Stuck(const std::string& peer, const std::string& client = "caller@host") {
    Watch watch = Connect(peer);
    Subscribe(watch, {.will_ack = true, .client_name = client});
    Ack(watch, 1, last_);
    return watch;
  }
  Revision CommitDrain() {
    const Revision drained = Put("user", "a", {.standing = v1::STANDING_DRAINING});
    Settle();
    return drained;
  }
  void WaitForCutOff(const Watch& watch) {
    AdvanceBy(kWatcherCutOff + Publisher::kTick);
    ASSERT_TRUE(watch->closed);
  }

  Revision acknowledged_;
};

TEST_F(CutOffTest, ADrainIsNotCompleteOverAWatcherThatWasCutOff) {
  const Watch watch = Stuck("ipv4:10.0.0.1:4000");
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  const v1::GetDrainStatusResponse status = Drain("user", drained);
  EXPECT_FALSE(status.complete());
  ASSERT_THAT(status.laggards(), SizeIs(1));
  EXPECT_EQ(status.laggards(0).client_name(), "caller@host");
  EXPECT_EQ(status.laggards(0).peer(), "ipv4:10.0.0.1:4000");
  EXPECT_EQ(status.laggards(0).sent_revision(), drained.value());
  EXPECT_EQ(status.laggards(0).acknowledged_revision(), acknowledged_.value());
  EXPECT_GE(status.laggards(0).behind().seconds(), 10);
}

TEST_F(CutOffTest, ItIsALaggardOnlyOfWhatItDidNotAcknowledge) {
  const Watch watch = Stuck("peer:1");
  CommitDrain();
  WaitForCutOff(watch);
  EXPECT_TRUE(Drain("user", acknowledged_).complete());
  EXPECT_TRUE(Drain("order", last_).complete());
  // It does not know of what is decided while it is away either.
  EXPECT_FALSE(Drain("user", CommitDrain()).complete());
}

TEST_F(CutOffTest, ItIsForgottenAfterAWhile) {
  const Watch watch = Stuck("peer:1");
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  AdvanceBy(CutOffs::kRemembered - absl::Seconds(1));
  EXPECT_FALSE(Drain("user", drained).complete());
  AdvanceBy(absl::Seconds(2));
  EXPECT_TRUE(Drain("user", drained).complete());
}

// What a watcher said meanwhile is not read yet, nor that it has gone.
TEST_F(CutOffTest, NobodyIsCutOffForTheTimeInWhichTheNodeStoodStill) {
  const Watch watch = Stuck("peer:1");
  const Watch gone = Stuck("peer:2");
  const Revision drained = CommitDrain();
  clock_.AdvanceBy(3 * kWatcherCutOff);
  Settle();
  EXPECT_FALSE(watch->closed);
  EXPECT_FALSE(gone->closed);
  pool_.Remove(gone->id);
  EXPECT_THAT(Drain("user", drained).laggards(), SizeIs(1));
  WaitForCutOff(watch);
}

TEST_F(CutOffTest, ANodeThatStandsStillNowAndThenCutsOffAllTheSame) {
  const Watch watch = Stuck("peer:1");
  CommitDrain();
  const auto stand_still_and_run = [&](int times) {
    for (int i = 0; i < times; ++i) {
      clock_.AdvanceBy(absl::Seconds(3));
      AdvanceBy(absl::Seconds(1));
    }
  };
  stand_still_and_run(4);
  EXPECT_FALSE(watch->closed);
  stand_still_and_run(8);
  EXPECT_TRUE(watch->closed);
}

TEST_F(CutOffTest, ItIsNoLaggardOnceItIsBackAndHasAcknowledged) {
  const Watch watch = Stuck("ipv4:10.0.0.1:4000");
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  const Watch back = Connect("ipv4:10.0.0.1:4001");
  Subscribe(back, {.will_ack = true, .client_name = "caller@host"});
  EXPECT_THAT(Drain("user", drained).laggards(), SizeIs(1));
  Ack(back, 1, drained);
  EXPECT_TRUE(Drain("user", drained).complete());
  EXPECT_EQ(Drain("user", drained).applied(), 1u);
  // It leaves by itself, like anyone.
  pool_.Remove(back->id);
  Settle();
  EXPECT_TRUE(Drain("user", drained).complete());
}

TEST_F(CutOffTest, SomebodyElseDoesNotAnswerForIt) {
  const Watch watch = Stuck("ipv4:10.0.0.1:4000");
  const Watch neighbour = Connect("ipv4:10.0.0.1:4002");
  neighbour->acks = true;
  Subscribe(neighbour, {.will_ack = true, .client_name = "caller@host"});  // Before the cut-off.
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  int port = 5000;
  for (const auto& [host, client, service] :
       {std::tuple("10.0.0.2", "caller@host", "user"), std::tuple("10.0.0.1", "other@host", "user"),
        std::tuple("10.0.0.1", "caller@host", "order")}) {
    const Watch other = Connect("ipv4:" + std::string(host) + ":" + std::to_string(port++));
    other->acks = true;
    Subscribe(other, {.service = service, .will_ack = true, .client_name = client});
  }
  AdvanceBy(absl::Seconds(1));
  EXPECT_FALSE(Drain("user", drained).complete());
}

TEST_F(CutOffTest, ItStaysALaggardWhenItIsCutOffAgain) {
  Watch watch = Stuck("peer:1");
  const Revision drained = CommitDrain();
  for (int i = 0; i < 3; ++i) {
    WaitForCutOff(watch);
    EXPECT_THAT(Drain("user", drained).laggards(), SizeIs(1));
    watch = Connect("peer:" + std::to_string(i + 2));
    Subscribe(watch, {.will_ack = true, .client_name = "caller@host"});
  }
}

TEST_F(CutOffTest, OneThatWatchesAllServicesIsRemembered) {
  const Watch watch = Connect("peer:1");
  Subscribe(watch, {.service = "", .will_ack = true});
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  EXPECT_FALSE(Drain("user", drained).complete());
  const Watch back = Connect("peer:2");
  back->acks = true;
  Subscribe(back, {.service = "", .will_ack = true});
  EXPECT_TRUE(Drain("user", drained).complete());
}

TEST_F(CutOffTest, NobodyWaitsForOneThatNeverAcknowledges) {
  const Watch watch = Watching("user");
  watch->reads = false;
  const Revision drained = CommitDrain();
  WaitForCutOff(watch);
  EXPECT_TRUE(Drain("user", drained).complete());
}

TEST_F(CutOffTest, HowManyAreRememberedIsBounded) {
  CutOffs cut_offs;
  for (size_t i = 0; i < CutOffs::kMost + 5; ++i) {
    cut_offs.Remember(
        {.client_name = "c" + std::to_string(i), .peer = "p:1", .service = {"n", "s"}},
        clock_.Steady());
  }
  v1::GetDrainStatusResponse status;
  status.set_complete(true);
  cut_offs.AddLaggards({"n", "s"}, Revision(1), clock_.Steady(), status);
  EXPECT_FALSE(status.complete());
  ASSERT_THAT(status.laggards(), SizeIs(kMaxLaggardsTold));
  EXPECT_EQ(status.laggards(0).client_name(), "c5");
}

TEST_F(CutOffTest, EachIsToldOnce) {
  const Watch stuck = Stuck("peer:1");
  CommitDrain();
  const Watch blocked = Connect("peer:2");
  blocked->reads = false;
  Subscribe(blocked, {.client_name = "blocked@host"});
  EXPECT_THAT(told_, IsEmpty());
  WaitForCutOff(stuck);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("caller@host peer:1: subscription 1 to"),
                                 HasSubstr("blocked@host peer:2: a message could not be written")));
}

}  // namespace
}  // namespace rollcall::feed
