// The eviction brake: when too much of a service would go at once it stays, told as it is.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;
constexpr int kInstances = 10;
// Long enough to register ten, and to beat for those that live, on a loaded machine.
constexpr absl::Duration kTtl = absl::Seconds(5);

class BrakeTest : public ::testing::Test {
 protected:
  BrakeTest() {
    for (int i = 0; i < kInstances; ++i) {
      BeatAllBut(0);
      sessions_.push_back(std::make_unique<Session>(
          client_, Registration({Spec("user", absl::StrCat("u", i), "zone-a")}, kTtl)));
    }
  }
  // Those from `first` on die; the others beat as they should.
  void Break(int first) {
    for (int i = first; i < kInstances; ++i) sessions_[i]->Break();
  }
  void BeatAllBut(size_t last) {
    for (size_t i = 0; i + last < sessions_.size(); ++i) sessions_[i]->Beat();
  }
  static bool AllSuspect(const Watch& watch) {
    for (const auto& [id, instance] : watch.instances()) {
      if (instance.standing() != v1::STANDING_SUSPECT) return false;
    }
    return true;
  }

  Registry registry_;
  RawClient client_{registry_};
  std::vector<std::unique_ptr<Session>> sessions_;
};

TEST_F(BrakeTest, HoldsAWholeZoneAsSuspectUntilAnOperatorReleasesIt) {
  Watch watch(client_, "user");
  Break(0);
  watch.Until("all suspect", AllSuspect);
  registry_.process().AwaitOutput("eviction brake engaged");
  // They are due one after the other, as they registered.
  ASSERT_TRUE(Eventually([&] {
    const auto brakes = client_.Get(&v1::Operations::Stub::ListBrakes, {});
    return brakes.brakes_size() == 1 && brakes.brakes(0).held() == kInstances;
  }));

  EXPECT_EQ(client_.Instances("user").instances_size(), kInstances);
  const Outcome list = registry_.Cli({"brake", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("user"));
  EXPECT_THAT(list.out, HasSubstr("zone-a"));
  EXPECT_THAT(list.out, HasSubstr("100%"));
  const Outcome instances = registry_.Cli({"instances", "user"});
  EXPECT_THAT(instances.out, HasSubstr("Eviction brake engaged for user in zone zone-a"));
  EXPECT_THAT(instances.out, HasSubstr("rollcall brake release user"));
  EXPECT_THAT(registry_.Cli({"status"}).out, HasSubstr("Eviction brake engaged"));
  EXPECT_TRUE(watch.removed().empty());
  // Better a doubtful address than none: nobody is PASSING, so callers are given them all.
  v1::ResolveRequest resolve;
  resolve.set_service("user");
  EXPECT_EQ(client_.Get(&v1::Discovery::Stub::Resolve, resolve).instances_size(), kInstances);

  const Outcome release = registry_.Cli({"brake", "release", "user"});
  EXPECT_EQ(release.exit_code, 0) << release.err;
  EXPECT_THAT(release.out, HasSubstr("10 held evictions"));
  registry_.process().AwaitOutput("eviction brake released");
  EXPECT_THAT(registry_.process().err() + registry_.process().out(),
              ::testing::ContainsRegex("eviction brake released.*@"));
  v1::ReleaseBrakeRequest nonsense;
  nonsense.mutable_key()->set_service("user");
  nonsense.set_actor("two\nlines");
  v1::ReleaseBrakeResponse unused;
  EXPECT_EQ(client_.Call(&v1::Operations::Stub::ReleaseBrake, nonsense, unused).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  watch.Until("nobody there", [](const Watch& w) { return w.instances().empty(); });
  EXPECT_EQ(watch.removed().at("u0"), v1::CAUSE_EXPIRED);
  EXPECT_THAT(registry_.Cli({"brake", "list"}).out, HasSubstr("No eviction brake"));
}

TEST_F(BrakeTest, EndsByItselfWhenTheInstancesComeBack) {
  Watch watch(client_, "user");
  Break(0);
  registry_.process().AwaitOutput("eviction brake engaged");
  // Together: once all but a few are back those few are no longer held.
  for (const auto& session : sessions_) session->StartReopening(client_);
  for (const auto& session : sessions_) session->AwaitOpened();
  watch.Until("all passing", [](const Watch& w) {
    return std::all_of(w.instances().begin(), w.instances().end(), [](const auto& entry) {
      return entry.second.standing() == v1::STANDING_PASSING;
    });
  });
  EXPECT_TRUE(watch.removed().empty());
  EXPECT_EQ(client_.Instances("user").instances_size(), kInstances);
}

TEST_F(BrakeTest, LetsAFewGoAsIfItWereNotThere) {
  Watch watch(client_, "user");
  Break(kInstances - 3);
  // While it waits for the three, the other seven beat.
  ASSERT_TRUE(Eventually([&] {
    BeatAllBut(3);
    return client_.Instances("user").instances_size() == kInstances - 3;
  }));
  watch.Until("three removed", [](const Watch& w) { return w.removed().size() == 3; });
  EXPECT_EQ(watch.instances().size(), kInstances - 3u);
}

}  // namespace
}  // namespace rollcall::integration
