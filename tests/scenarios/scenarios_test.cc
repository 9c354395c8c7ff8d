// Each test is a story; what it must come to stands in golden/.
#include "tests/scenarios/scenario.h"

namespace rollcall::scenarios {
namespace {

TEST_F(Scenario, CrashToRemoval) {
  Watch("w1", "web");
  Register("s1", {"web/a", "web/b"});
  Connect("s1");
  AdvanceBy(absl::Seconds(5));
  Break("s1");
  AdvanceBy(absl::Seconds(12));
  ExpectGolden("crash_to_removal");
}

TEST_F(Scenario, CrashAndComeBack) {
  Watch("w1", "web");
  Register("s1", {"web/a"});
  Connect("s1");
  AdvanceBy(absl::Seconds(5));
  Break("s1");
  AdvanceBy(absl::Seconds(4));
  Connect("s1");
  AdvanceBy(absl::Seconds(20));
  ExpectGolden("crash_and_come_back");
}

TEST_F(Scenario, Freeze) {
  Watch("w1", "web");
  Register("s1", {"web/a"});
  Connect("s1");
  Register("s2", {"web/b"});
  Connect("s2");
  AdvanceBy(absl::Seconds(5));
  Freeze("s1");
  Freeze("s2");
  AdvanceBy(absl::Seconds(6));
  Thaw("s2");
  AdvanceBy(absl::Seconds(10));
  ExpectGolden("freeze");
}

TEST_F(Scenario, Superseding) {
  Watch("w1", "web");
  Register("old", {"web/a", "web/b"});
  Connect("old");
  AdvanceBy(absl::Seconds(1));
  Register("new", {"web/a"});
  Connect("new");
  AdvanceBy(absl::Seconds(1));
  Register("old", {"web/a"});
  Break("old");
  AdvanceBy(absl::Seconds(12));
  ExpectGolden("superseding");
}

TEST_F(Scenario, StopInGoodOrder) {
  Watch("w1", "web");
  Register("s1", {"web/a"});
  Connect("s1");
  AdvanceBy(absl::Seconds(1));
  Stop("s1");
  AdvanceBy(absl::Seconds(1));
  ExpectGolden("stop_in_good_order");
}

TEST_F(Scenario, DrainAndUndrain) {
  Watch("w1", "web");
  Register("s1", {"web/a"});
  Connect("s1");
  AdvanceBy(absl::Seconds(1));
  Override("web/a", v1::OVERRIDE_MODE_DRAINING);
  AdvanceBy(absl::Seconds(1));
  Note("its owner registers it again, which undoes nothing");
  Register("s1", {"web/a@z2"});
  AdvanceBy(absl::Seconds(1));
  Break("s1");
  AdvanceBy(absl::Seconds(1));
  Connect("s1");
  AdvanceBy(absl::Seconds(1));
  ClearOverride("web/a");
  AdvanceBy(absl::Seconds(1));
  ExpectGolden("drain_and_undrain");
}

TEST_F(Scenario, BrakeEngagedAndReleased) {
  for (int i = 0; i < 8; ++i) {
    const std::string n = std::to_string(i);
    Register("s" + n, {"web/i" + n + "@z1"});
    Connect("s" + n);
  }
  Watch("w1", "web");
  AdvanceBy(absl::Seconds(5));
  for (int i = 0; i < 6; ++i) Break("s" + std::to_string(i));
  AdvanceBy(absl::Seconds(60));
  ReleaseBrake("web");
  AdvanceBy(absl::Seconds(5));
  ExpectGolden("brake_engaged_and_released");
}

TEST_F(Scenario, BrakeEndsWhenTheyComeBack) {
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    Register("s" + n, {"web/i" + n + "@z1"});
    Connect("s" + n);
  }
  AdvanceBy(absl::Seconds(5));
  for (int i = 0; i < 5; ++i) Break("s" + std::to_string(i));
  AdvanceBy(absl::Seconds(30));
  for (int i = 0; i < 5; ++i) Connect("s" + std::to_string(i));
  AdvanceBy(absl::Seconds(30));
  ExpectGolden("brake_ends_when_they_come_back");
}

TEST_F(Scenario, RestartWithFullTtl) {
  Register("s1", {"web/a"});
  Connect("s1");
  Register("s2", {"web/b"});
  Connect("s2");
  AdvanceBy(absl::Seconds(3));
  Break("s2");
  AdvanceBy(absl::Seconds(6));
  CrashNode();
  AdvanceBy(absl::Minutes(5));
  StartNode();
  Watch("w1", "web");
  AdvanceBy(absl::Seconds(2));
  Connect("s1");
  AdvanceBy(absl::Seconds(20));
  ExpectGolden("restart_with_full_ttl");
}

TEST_F(Scenario, ResumeOfAWatch) {
  Register("s1", {"web/a", "web/b", "web/c"});
  Connect("s1");
  Watch("w1", "web");
  const uint64_t revision = LastRevisionOf("w1");
  Disconnect("w1");
  Register("s2", {"web/b"});
  Connect("s2");
  Note("after a restart of the node, too");
  CrashNode();
  StartNode();
  Watch("w2", "web", revision);
  ExpectGolden("resume_of_a_watch");
}

class ShortWindow : public Scenario {
 protected:
  ShortWindow() : Scenario(absl::Minutes(1)) {}
};

TEST_F(ShortWindow, ResumeBelowTheHorizon) {
  Register("s1", {"web/a"});
  Connect("s1");
  Watch("w1", "web");
  const uint64_t revision = LastRevisionOf("w1");
  Disconnect("w1");
  Register("s2", {"web/b"});
  Connect("s2");
  Break("s1");
  AdvanceBy(absl::Minutes(3));
  Watch("w2", "web", revision);
  ExpectGolden("resume_below_the_horizon");
}

TEST_F(Scenario, ASlowWatcherGetsTheNewestState) {
  Register("s1", {"web/a"});
  Connect("s1");
  Watch("w1", "web");
  Watch("w2", "web");
  StopReading("w2");
  for (const char* zone : {"z1", "z2", "z3", "z4"}) {
    Register("s1", {std::string("web/a@") + zone});
    AdvanceBy(absl::Milliseconds(100));
  }
  Register("s2", {"web/b"});
  Connect("s2");
  ReadAgain("w2");
  AdvanceBy(absl::Milliseconds(100));
  Note("one that never reads is cut off");
  StopReading("w2");
  Register("s2", {"web/c"});
  AdvanceBy(absl::Milliseconds(100));
  Register("s2", {"web/d"});
  AdvanceBy(absl::Seconds(12));
  ExpectGolden("a_slow_watcher_gets_the_newest_state");
}

}  // namespace
}  // namespace rollcall::scenarios
