// How soon the registry notices that a service died or froze, on real processes.
#include <iostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

// Deadlines are met "at most one tick and one commit later"; the rest is for a loaded machine.
constexpr absl::Duration kLate = absl::Seconds(10);

void Print(const std::string& what, absl::Duration took) {
  std::cout << "measured: " << what << " after " << absl::ToDoubleMilliseconds(took) << " ms\n";
}

TEST(DetectionTest, AKilledServiceIsSuspectAtOnceAndRemovedByItsDeadline) {
  constexpr absl::Duration kTtl = absl::Seconds(6);
  Registry registry;
  const auto service = StartInstance(registry.address(), "user", "u1", kTtl);
  RawClient client(registry);
  client.AwaitStreams(1);
  Watch watch(client, "user");
  watch.UntilStanding("u1", v1::STANDING_PASSING);

  const Stopwatch since_kill;
  service->Kill();
  watch.UntilStanding("u1", v1::STANDING_SUSPECT);
  const absl::Duration suspect = since_kill.elapsed();
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_STREAM_BROKEN);
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  const absl::Duration removed = since_kill.elapsed();

  Print("SIGKILL: suspect", suspect);
  Print("SIGKILL: removed, TTL 6 s,", removed);
  EXPECT_LT(suspect, kTtl * 2 / 3);
  // Its last heartbeat was at most two thirds of the TTL before, or it had been suspect by then.
  EXPECT_GT(removed, kTtl / 3 - absl::Milliseconds(100));
  EXPECT_LT(removed, kTtl * 1.1 + kLate);
}

TEST(DetectionTest, AFrozenServiceIsSuspectAfterTwoThirdsAndRemovedNotBeforeItsTtl) {
  constexpr absl::Duration kTtl = absl::Seconds(6);
  Registry registry;
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, kTtl));
  Watch watch(client, "user");
  const Stopwatch since_beat;
  session.Beat();

  // From here on it is silent, but its connection stands: what a frozen process looks like.
  watch.UntilStanding("u1", v1::STANDING_SUSPECT);
  const absl::Duration suspect = since_beat.elapsed();
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_BEAT_OVERDUE);
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  const absl::Duration removed = since_beat.elapsed();

  Print("silent: suspect, TTL 6 s,", suspect);
  Print("silent: removed, TTL 6 s,", removed);
  EXPECT_GE(suspect, kTtl * 2 / 3 - absl::Milliseconds(10));
  EXPECT_LT(suspect, kTtl * 2 / 3 + kLate);
  EXPECT_GE(removed, kTtl - absl::Milliseconds(10));
  EXPECT_LT(removed, kTtl * 1.1 + kLate);
  EXPECT_EQ(AwaitEnded(session.stream()), v1::CAUSE_EXPIRED);
}

TEST(DetectionTest, AThawedServiceLearnsThatItsSessionEndedAndRegistersAgain) {
  constexpr absl::Duration kTtl = absl::Seconds(3);
  Registry registry;
  const auto service = StartInstance(registry.address(), "user", "u1", kTtl);
  RawClient client(registry);
  client.AwaitStreams(1);
  Watch watch(client, "user");
  const uint64_t before = watch.instances().at("u1").lease_epoch();

  const Stopwatch frozen;
  service->Freeze();
  watch.UntilStanding("u1", v1::STANDING_SUSPECT);
  Print("SIGSTOP: suspect, TTL 3 s,", frozen.elapsed());
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  Print("SIGSTOP: removed, TTL 3 s,", frozen.elapsed());
  EXPECT_LT(frozen.elapsed(), kTtl * 1.1 + kLate);

  const Stopwatch thawed;
  service->Thaw();
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  Print("SIGCONT: registered again", thawed.elapsed());
  EXPECT_GT(watch.instances().at("u1").lease_epoch(), before);
  service->AwaitOutput("registered", 2);
}

TEST(DetectionTest, AServiceThatComesBackInTimeIsPassingAgainAndKeepsItsEpoch) {
  Registry registry;
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, absl::Seconds(30)));
  Watch watch(client, "user");
  session.Break();
  watch.UntilStanding("u1", v1::STANDING_SUSPECT);
  session.Reopen(client);
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_RENEWED);
  EXPECT_EQ(watch.instances().at("u1").lease_epoch(), session.registered().lease_epochs(0));
}

TEST(DetectionTest, ARegistryThatWasFrozenItselfEvictsNobody) {
  // A service that stands still for a second or two itself is not evicted for it.
  constexpr absl::Duration kTtl = absl::Seconds(4);
  Registry registry;
  const auto service = StartInstance(registry.address(), "user", "u1", kTtl);
  RawClient client(registry);
  client.AwaitStreams(1);
  Watch watch(client, "user");
  const uint64_t epoch = watch.instances().at("u1").lease_epoch();
  registry.process().Freeze();
  EXPECT_EQ(service->Wait(kTtl * 1.5), std::nullopt);
  registry.process().Thaw();
  // Had it been evicted, that would come within a TTL; the service goes on beating.
  EXPECT_EQ(service->Wait(kTtl * 1.1), std::nullopt);
  RawClient after(registry);
  EXPECT_NE(after.StandingOf("user", "u1"), v1::STANDING_UNSPECIFIED);
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  EXPECT_TRUE(watch.removed().empty());
  EXPECT_EQ(watch.instances().at("u1").lease_epoch(), epoch);
}

TEST(DetectionTest, AServiceThatEndsProperlyIsNeverSuspect) {
  Registry registry;
  const auto service = StartInstance(registry.address(), "user", "u1", absl::Seconds(10));
  RawClient client(registry);
  client.AwaitStreams(1);
  Watch watch(client, "user");
  bool suspected = false;
  service->Signal(SIGTERM);
  watch.Until("removal without suspicion", [&](const Watch& w) {
    suspected |= w.StandingOf("u1") == v1::STANDING_SUSPECT;
    return w.removed().count("u1") > 0;
  });
  EXPECT_FALSE(suspected);
  EXPECT_EQ(watch.removed().at("u1"), v1::CAUSE_DEREGISTERED);
  EXPECT_EQ(service->Wait(), 0);
}

}  // namespace
}  // namespace rollcall::integration
