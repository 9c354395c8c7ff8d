// What a registry that was killed and started again still knows, and whom it wrongs: nobody.
#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

TEST(RestartTest, EverySessionGetsItsFullTtlAgain) {
  constexpr absl::Duration kTtl = absl::Seconds(6);
  Registry registry;
  {
    RawClient client(registry);
    Session session(client, Registration({Spec("user", "u1")}, kTtl));
    Watch watch(client, "user");
    session.Beat();
    // Two thirds of its time have passed when the registry dies.
    watch.UntilStanding("u1", v1::STANDING_SUSPECT);
    registry.Kill();
  }
  const Stopwatch since_start;
  registry.Start();
  RawClient client(registry);
  Watch watch(client, "user");
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_EXPIRED);
  EXPECT_GE(since_start.elapsed(), kTtl - absl::Milliseconds(10));
  EXPECT_LT(since_start.elapsed(), kTtl * 1.1 + absl::Seconds(15));
}

TEST(RestartTest, ASessionThatOpensItsStreamAgainIsNeverSuspected) {
  Registry registry;
  auto client = std::make_unique<RawClient>(registry);
  Session session(*client, Registration({Spec("user", "u1")}, kLong));
  const uint64_t before = client->Revision();
  registry.Restart();
  client = std::make_unique<RawClient>(registry);
  session.Reopen(*client);
  ASSERT_EQ(session.opened().instances_size(), 1);
  EXPECT_EQ(session.opened().instances(0).lease_epoch(), session.registered().lease_epochs(0));
  session.Beat();
  EXPECT_EQ(client->Revision(), before);
}

TEST(RestartTest, AServiceOfTheSdkStaysRegisteredWithTheSameEpoch) {
  Registry registry;
  const auto service = StartInstance(registry.address(), "user", "u1", absl::Seconds(60));
  const uint64_t before = RawClient(registry).Revision();
  registry.Kill();
  registry.StartOnSamePort();
  RawClient client(registry);
  ASSERT_TRUE(Eventually(
      [&] { return client.Get(&v1::Operations::Stub::GetStatus, {}).connected_sessions() == 1; }));
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
  EXPECT_EQ(client.Revision(), before) << "something was written for a restart";
}

TEST(RestartTest, RegistrationsOverridesAndSpecsSurvive) {
  Registry registry;
  {
    RawClient client(registry);
    client.Register(Registration({Spec("user", "u1"), Spec("user", "u2")}, kLong));
    v1::InstanceSpec fixed = Spec("db", "primary");
    fixed.set_lifetime(v1::LIFETIME_STATIC);
    client.Register(Registration({fixed}, kLong));
    v1::SetOverrideRequest drain;
    *drain.mutable_key() = Key("user", "u2");
    drain.set_mode(v1::OVERRIDE_MODE_DRAINING);
    drain.set_reason("new kernel");
    client.Get(&v1::Operations::Stub::SetOverride, drain);
    v1::PutServiceRequest put;
    put.mutable_spec()->set_service("user");
    put.mutable_spec()->mutable_eviction_brake()->set_share(0.7);
    client.Get(&v1::Operations::Stub::PutService, put);
  }
  const std::string store_id = registry.store_id();
  registry.Restart();
  EXPECT_EQ(registry.store_id(), store_id);
  RawClient client(registry);
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
  EXPECT_EQ(client.StandingOf("user", "u2"), v1::STANDING_DRAINING);
  EXPECT_EQ(client.StandingOf("db", "primary"), v1::STANDING_PASSING);
  const auto overrides = client.Get(&v1::Operations::Stub::ListOverrides, {});
  ASSERT_EQ(overrides.overrides_size(), 1);
  EXPECT_EQ(overrides.overrides(0).reason(), "new kernel");
  v1::GetServiceRequest get;
  get.mutable_key()->set_service("user");
  EXPECT_EQ(client.Get(&v1::Operations::Stub::GetService, get).spec().eviction_brake().share(),
            0.7);
}

TEST(RestartTest, AWatchResumesWithNothingButWhatChanged) {
  Registry registry;
  WatchOptions resume;
  {
    RawClient client(registry);
    client.Register(Registration({Spec("user", "u1"), Spec("user", "u2")}, kLong));
    client.Register(Registration({Spec("user", "u3")}, kLong));
    Watch watch(client, "user");
    resume.resume_revision = watch.revision();
    resume.store_id = watch.store_id();
    v1::RemoveInstanceRequest remove;
    *remove.mutable_key() = Key("user", "u3");
    client.Get(&v1::Operations::Stub::RemoveInstance, remove);
    client.Register(Registration({Spec("user", "u4")}, kLong));
  }
  registry.Restart();
  RawClient client(registry);
  Watch watch(client, "user", resume);
  EXPECT_EQ(watch.snapshots(), 0);
  EXPECT_EQ(watch.told(), 1);
  EXPECT_EQ(watch.StandingOf("u4"), v1::STANDING_PASSING);
  EXPECT_THAT(watch.removed(), ::testing::ElementsAre(::testing::Pair("u3", v1::CAUSE_REMOVED)));
}

TEST(RestartTest, AWatchFromAnotherStoreGetsASnapshot) {
  Registry registry;
  RawClient client(registry);
  client.Register(Registration({Spec("user", "u1")}, kLong));
  WatchOptions resume;
  resume.resume_revision = 1;
  resume.store_id = std::string(32, 'a');
  Watch watch(client, "user", resume);
  EXPECT_GT(watch.snapshots(), 0);
  EXPECT_EQ(watch.StandingOf("u1"), v1::STANDING_PASSING);
  EXPECT_EQ(watch.store_id(), registry.store_id());
}

TEST(RestartTest, WhatWasAcknowledgedBeforeTheKillIsThereAfterIt) {
  Registry registry;
  base::Mutex mu;
  base::CondVar many;
  std::atomic<bool> killed = false;
  std::vector<std::string> acknowledged;
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      RawClient client(registry);
      for (int i = 0; !killed; ++i) {
        const std::string id = absl::StrCat(writer, "-", i);
        v1::RegisterResponse ignored;
        if (!client
                 .Call(&v1::Registry::Stub::Register, Registration({Spec("user", id)}, kLong),
                       ignored, absl::Seconds(2))
                 .ok()) {
          continue;
        }
        base::MutexLock lock(mu);
        acknowledged.push_back(id);
        many.NotifyAll();
      }
    });
  }
  {
    const Stopwatch watch;
    base::MutexLock lock(mu);
    while (acknowledged.size() < 200 && watch.elapsed() < kSoon) many.WaitFor(mu, kSoon);
  }
  registry.Kill();
  killed = true;
  for (std::thread& writer : writers) writer.join();
  registry.Start();
  const auto listed = RawClient(registry).Instances("user");
  std::set<std::string> there;
  for (const v1::Instance& instance : listed.instances()) there.insert(instance.spec().id());
  ASSERT_GE(acknowledged.size(), 200u);
  for (const std::string& id : acknowledged) EXPECT_TRUE(there.count(id)) << id;
}

}  // namespace
}  // namespace rollcall::integration
