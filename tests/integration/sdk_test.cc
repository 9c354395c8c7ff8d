// Callers that use the SDK, while the registry is away.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/client.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"

namespace rollcall::integration {
namespace {

class SdkTest : public ::testing::Test {
 protected:
  std::unique_ptr<Client> NewClient() {
    ClientOptions options;
    options.servers = {registry_.address()};
    options.client_name = "caller";
    options.cache_directory = cache_.path();
    options.log = [](LogLevel, const std::string&) {};
    auto client = Client::Create(options);
    if (!client.ok()) Fail(client.status().ToString());
    return *std::move(client);
  }

  TempDir cache_;
  Registry registry_;
};

TEST_F(SdkTest, KeepsItsViewWhileTheRegistryIsAwayAndFollowsItWhenItIsBack) {
  {
    RawClient raw(registry_);
    raw.Register(Registration({Spec("user", "u1"), Spec("user", "u2")}, absl::Minutes(5)));
  }
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitForServing(2, kSoon).ok());
  ASSERT_TRUE(users->WaitUntilVerified(kSoon).ok());

  registry_.Kill();
  EXPECT_EQ(users->view()->serving().size(), 2u);
  registry_.StartOnSamePort();
  RawClient raw(registry_);
  raw.Register(Registration({Spec("user", "u3")}, absl::Minutes(5)));
  EXPECT_TRUE(users->WaitForServing(3, kSoon).ok());
}

TEST_F(SdkTest, AProcessThatStartsWithoutARegistryWorksFromDisk) {
  {
    RawClient raw(registry_);
    raw.Register(Registration({Spec("user", "u1"), Spec("user", "u2")}, absl::Minutes(5)));
    const auto client = NewClient();
    auto users = client->Watch("user");
    ASSERT_TRUE(users.ok()) << users.status();
    ASSERT_TRUE(users->WaitUntilVerified(kSoon).ok());
    ASSERT_EQ(users->view()->serving().size(), 2u);
  }
  registry_.Kill();
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitForServing(2, kSoon).ok());
  EXPECT_FALSE(users->view()->verified());
  EXPECT_EQ(users->view()->Find("u1")->Target(), "127.0.0.1:9000");

  registry_.StartOnSamePort();
  EXPECT_TRUE(users->WaitUntilVerified(kSoon).ok());
  EXPECT_EQ(users->view()->serving().size(), 2u);
}

TEST_F(SdkTest, ARegistrationMadeWhileTheRegistryIsAwayIsMadeWhenItIsBack) {
  registry_.Kill();
  const auto client = NewClient();
  InstanceOptions options;
  options.service = "user";
  options.id = "u1";
  options.endpoints.emplace_back();
  options.endpoints[0].address = "127.0.0.1";
  options.endpoints[0].port = 9000;
  options.wait = absl::ZeroDuration();
  options.drain_time = absl::ZeroDuration();
  const auto registration = client->Register(options);
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_EQ(registration->status().state, RegistrationState::kRetrying);
  registry_.StartOnSamePort();
  RawClient raw(registry_);
  EXPECT_TRUE(Eventually([&] { return raw.StandingOf("user", "u1") == v1::STANDING_PASSING; }));
}

TEST_F(SdkTest, AnEmptyNewStoreDoesNotEmptyAViewUntilItIsConfirmed) {
  {
    RawClient raw(registry_);
    raw.Register(Registration({Spec("user", "u1")}, absl::Minutes(5)));
  }
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitUntilVerified(kSoon).ok());
  const std::string store_id = users->view()->store_id();

  // Somebody wiped the data.
  registry_.Kill();
  std::filesystem::remove_all(registry_.data());
  registry_.StartOnSamePort();
  ASSERT_NE(registry_.store_id(), store_id);
  EXPECT_TRUE(
      users->WaitFor([&](const ServiceView& view) { return view.store_id() != store_id; }, kSoon)
          .ok());
  RawClient raw(registry_);
  raw.Register(Registration({Spec("user", "u2")}, absl::Minutes(5)));
  EXPECT_TRUE(
      users->WaitFor([](const ServiceView& view) { return view.Find("u2") != nullptr; }, kSoon)
          .ok());
}

}  // namespace
}  // namespace rollcall::integration
