// Newest wins: what happens to those who held an instance before, and to what they send late.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

// The same session again, without opening a new one.
v1::RegisterRequest Again(const v1::RegisterResponse& session, const v1::InstanceSpec& spec) {
  v1::RegisterRequest request = Registration({spec}, kLong);
  request.set_session_id(session.session_id());
  request.set_session_secret(session.session_secret());
  request.set_open(false);
  return request;
}

TEST(SupersedingTest, TheOldSessionHearsOfItAndItsLaterRegistrationIsRefused) {
  Registry registry;
  RawClient client(registry);
  Session first(client, Registration({Spec("user", "u1"), Spec("user", "u2")}, kLong));
  Watch watch(client, "user");

  v1::InstanceSpec newer = Spec("user", "u1");
  newer.set_version("2");
  Session second(client, Registration({newer}, kLong));
  const auto told =
      first.stream().Await("superseded", [](const auto& m) { return m.has_superseded(); });
  EXPECT_EQ(told.superseded().key().id(), "u1");
  EXPECT_EQ(told.superseded().lease_epoch(), second.registered().lease_epochs(0));
  EXPECT_GT(second.registered().lease_epochs(0), first.registered().lease_epochs(0));

  EXPECT_EQ(client.TryRegister(Again(first.registered(), Spec("user", "u1"))).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  watch.Until("version 2",
              [](const Watch& w) { return w.instances().at("u1").spec().version() == "2"; });
  EXPECT_EQ(watch.instances().at("u1").last_change().cause(), v1::CAUSE_SUPERSEDED);
  EXPECT_EQ(watch.instances().at("u1").lease_epoch(), second.registered().lease_epochs(0));
  EXPECT_EQ(watch.StandingOf("u1"), v1::STANDING_PASSING);

  // What it still holds stays its own.
  v1::InstanceSpec other = Spec("user", "u2");
  other.set_weight(5);
  client.Register(Again(first.registered(), other));
  first.Beat();
}

TEST(SupersedingTest, TheEndOfTheOldSessionDoesNotTouchTheNewOne) {
  Registry registry;
  RawClient client(registry);
  Session first(client, Registration({Spec("user", "u1")}, kLong));
  Session second(client, Registration({Spec("user", "u1")}, kLong));
  Watch watch(client, "user");
  v1::DeregisterRequest end;
  end.set_session_id(first.registered().session_id());
  end.set_session_secret(first.registered().session_secret());
  client.Get(&v1::Registry::Stub::Deregister, end);
  EXPECT_EQ(AwaitEnded(first.stream()), v1::CAUSE_DEREGISTERED);
  second.Beat();
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
  EXPECT_TRUE(watch.removed().empty());
}

TEST(SupersedingTest, AWriteThatComesAfterTheEvictionIsRefused) {
  Registry registry;
  RawClient client(registry);
  const v1::RegisterRequest request = Registration({Spec("user", "u1")}, absl::Seconds(1));
  Watch watch(client, "user");
  Session session(client, request);
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  v1::RegisterRequest late = Again(session.registered(), Spec("user", "u1"));
  EXPECT_EQ(client.TryRegister(late).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  late.set_open(true);
  EXPECT_EQ(client.TryRegister(late).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const auto stream = OpenKeepAlive(client);
  stream->Send(OpenMessage(session.registered()));
  EXPECT_EQ(AwaitEnded(*stream), v1::CAUSE_EXPIRED);
  EXPECT_TRUE(stream->End().ok());
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_UNSPECIFIED);
}

TEST(SupersedingTest, AnOldProcessOfTheSdkStaysQuiet) {
  Registry registry;
  const auto old = StartInstance(registry.address(), "user", "u1", absl::Seconds(30));
  const auto fresh = StartInstance(registry.address(), "user", "u1", absl::Seconds(30));
  old->AwaitOutput("superseded");
  RawClient client(registry);
  Watch watch(client, "user");
  const uint64_t epoch = watch.instances().at("u1").lease_epoch();
  old->Signal(SIGTERM);
  EXPECT_EQ(old->Wait(), 0);
  EXPECT_EQ(watch.instances().at("u1").lease_epoch(), epoch);
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
}

}  // namespace
}  // namespace rollcall::integration
