// What operators decide stands, whatever the instance's owner does, and ends when they said.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

TEST(OverrideTest, SurvivesReRegistrationAndRemoval) {
  Registry registry;
  RawClient client(registry);
  const v1::RegisterResponse first = client.Register(Registration({Spec("user", "u1")}, kLong));
  ASSERT_EQ(registry.Cli({"drain", "user/u1", "--reason", "disk swap"}).exit_code, 0);
  Watch watch(client, "user");
  EXPECT_EQ(watch.StandingOf("u1"), v1::STANDING_DRAINING);

  // A newer process, with other content.
  v1::InstanceSpec newer = Spec("user", "u1");
  newer.set_version("2");
  const v1::RegisterResponse second = client.Register(Registration({newer}, kLong));
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_DRAINING);

  v1::DeregisterRequest end;
  end.set_session_id(second.session_id());
  end.set_session_secret(second.session_secret());
  client.Get(&v1::Registry::Stub::Deregister, end);
  watch.UntilRemoved("u1");
  client.Register(Registration({newer}, kLong));
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_DRAINING);

  ASSERT_EQ(registry.Cli({"undrain", "user/u1"}).exit_code, 0);
  watch.UntilStanding("u1", v1::STANDING_PASSING);
}

TEST(OverrideTest, EndsByItselfWhenItsTimeIsUp) {
  Registry registry;
  RawClient client(registry);
  client.Register(Registration({Spec("user", "u1")}, kLong));
  Watch watch(client, "user");
  const Stopwatch since_set;
  ASSERT_EQ(registry.Cli({"drain", "user/u1", "--for", "3s"}).exit_code, 0);
  watch.UntilStanding("u1", v1::STANDING_DRAINING);
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  EXPECT_GE(since_set.elapsed(), absl::Seconds(3));
  EXPECT_LT(since_set.elapsed(), absl::Seconds(20));
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_OVERRIDE_EXPIRED);
  EXPECT_EQ(client.Get(&v1::Operations::Stub::ListOverrides, {}).overrides_size(), 0);
}

TEST(OverrideTest, EndsAlsoWhenItsTimeIsUpWhileTheRegistryIsAway) {
  Registry registry;
  {
    RawClient client(registry);
    client.Register(Registration({Spec("user", "u1")}, kLong));
    ASSERT_EQ(registry.Cli({"drain", "user/u1", "--for", "1s"}).exit_code, 0);
  }
  registry.Restart();
  RawClient client(registry);
  Watch watch(client, "user");
  watch.UntilStanding("u1", v1::STANDING_PASSING);
  EXPECT_EQ(client.Get(&v1::Operations::Stub::ListOverrides, {}).overrides_size(), 0);
}

TEST(OverrideTest, OfWeightAndOutOfServiceReachWatchersAndCallers) {
  Registry registry;
  RawClient client(registry);
  client.Register(Registration({Spec("user", "u1"), Spec("user", "u2")}, kLong));
  Watch watch(client, "user");
  ASSERT_EQ(registry.Cli({"override", "set", "user/u1", "--weight", "0"}).exit_code, 0);
  watch.Until("weight 0",
              [](const Watch& w) { return w.instances().at("u1").effective_weight() == 0; });
  ASSERT_EQ(registry.Cli({"override", "set", "user/u2", "--out-of-service"}).exit_code, 0);
  watch.UntilStanding("u2", v1::STANDING_OUT_OF_SERVICE);
  v1::ResolveRequest resolve;
  resolve.set_service("user");
  const auto resolved = client.Get(&v1::Discovery::Stub::Resolve, resolve);
  ASSERT_EQ(resolved.instances_size(), 1);
  EXPECT_EQ(resolved.instances(0).spec().id(), "u1");
  EXPECT_EQ(resolved.instances(0).effective_weight(), 0u);
}

TEST(DrainTest, WaitsUntilEveryWatcherThatAcknowledgesHasSeenIt) {
  Registry registry;
  RawClient client(registry);
  client.Register(Registration({Spec("user", "u1")}, kLong));
  Watch watch(client, "user", {.will_ack = true, .client_name = "gateway-7"});
  Process drain(
      {Registry::CliProgram(), "--server", registry.address(), "drain", "user/u1", "--wait"});
  // Not before it has: this watcher acknowledges only what is taken below.
  ASSERT_TRUE(Eventually([&] { return client.StandingOf("user", "u1") == v1::STANDING_DRAINING; }));
  EXPECT_EQ(drain.Wait(absl::Milliseconds(500)), std::nullopt) << drain.out();
  watch.UntilStanding("u1", v1::STANDING_DRAINING);
  EXPECT_EQ(drain.Wait(), 0) << drain.err();
}

TEST(DrainTest, NamesTheLaggardWhenTheTimeIsUp) {
  Registry registry;
  RawClient client(registry);
  client.Register(Registration({Spec("user", "u1")}, kLong));
  Watch watch(client, "user", {.will_ack = true, .client_name = "gateway-7"});
  const Outcome drain = registry.Cli({"--timeout", "4s", "drain", "user/u1", "--wait"});
  EXPECT_EQ(drain.exit_code, 1);
  EXPECT_THAT(drain.err, HasSubstr("gateway-7"));
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_DRAINING);
}

}  // namespace
}  // namespace rollcall::integration
