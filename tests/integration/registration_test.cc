// Registering: repeated, large, and refused.
#include <functional>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

std::vector<v1::InstanceSpec> Many(int count) {
  std::vector<v1::InstanceSpec> specs;
  specs.reserve(count);
  for (int i = 0; i < count; ++i) specs.push_back(Spec("user", absl::StrCat("u", i)));
  return specs;
}

v1::RegisterRequest WithOwnSession(v1::RegisterRequest request) {
  request.set_session_id(std::string(32, 'a'));
  request.set_session_secret(std::string(32, 'b'));
  return request;
}

class RegistrationTest : public ::testing::Test {
 protected:
  Registry registry_;
  RawClient client_{registry_};
};

TEST_F(RegistrationTest, WhatChangesNothingMakesNoRevision) {
  const v1::RegisterRequest request = WithOwnSession(Registration(Many(3), kLong));
  const v1::RegisterResponse first = client_.Register(request);
  const uint64_t before = client_.Revision();
  const v1::RegisterResponse second = client_.Register(request);
  EXPECT_EQ(client_.Revision(), before);
  EXPECT_THAT(second.lease_epochs(), ::testing::ElementsAreArray(first.lease_epochs()));
  EXPECT_EQ(second.session_id(), first.session_id());

  v1::RegisterRequest changed = request;
  changed.mutable_instances(1)->set_weight(7);
  const v1::RegisterResponse third = client_.Register(changed);
  EXPECT_EQ(third.lease_epochs(0), first.lease_epochs(0));
  EXPECT_GT(third.lease_epochs(1), first.lease_epochs(1));
  EXPECT_GT(client_.Revision(), before);
}

TEST_F(RegistrationTest, LargeOnesAreWholeAndRepeatable) {
  for (const int count : {50, 51, 1000}) {
    v1::RegisterRequest request = WithOwnSession(Registration(Many(count), kLong));
    const Stopwatch watch;
    const v1::RegisterResponse response = client_.Register(request);
    std::cout << "measured: " << count << " instances registered in "
              << absl::ToDoubleMilliseconds(watch.elapsed()) << " ms\n";
    ASSERT_EQ(response.lease_epochs_size(), count);
    EXPECT_EQ(client_.Instances("user").instances_size(), count);
    const uint64_t before = client_.Revision();
    EXPECT_THAT(client_.Register(request).lease_epochs(),
                ::testing::ElementsAreArray(response.lease_epochs()));
    EXPECT_EQ(client_.Revision(), before);
  }
}

TEST_F(RegistrationTest, ALargeSessionGoesAsAWhole) {
  // More than three instances, all of them: the brake would hold them.
  ASSERT_EQ(registry_.Cli({"service", "set", "user", "--brake", "false"}).exit_code, 0);
  Session session(client_, Registration(Many(1000), absl::Seconds(5)));
  EXPECT_EQ(session.opened().instances_size(), 1000);
  Watch watch(client_, "user");
  EXPECT_EQ(watch.instances().size(), 1000u);
  session.Break();
  watch.Until("nobody there", [](const Watch& w) { return w.instances().empty(); });
}

TEST_F(RegistrationTest, OneMoreThanTheLimitIsRefused) {
  const grpc::Status status = client_.TryRegister(Registration(Many(1001), kLong));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("instances"));
  EXPECT_EQ(client_.Instances("user").instances_size(), 0);
}

TEST_F(RegistrationTest, AnOversizedMessageIsRefusedAndTheConnectionLivesOn) {
  v1::RegisterRequest request = Registration({Spec("user", "u1")}, kLong);
  request.set_client_name(std::string(5 << 20, 'x'));
  EXPECT_EQ(client_.TryRegister(request).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  client_.Register(Registration({Spec("user", "u1")}, kLong));
}

TEST_F(RegistrationTest, AWrongSecretOpensNothing) {
  v1::RegisterRequest request = WithOwnSession(Registration({Spec("user", "u1")}, kLong));
  client_.Register(request);
  request.set_session_secret(std::string(32, 'c'));
  EXPECT_EQ(client_.TryRegister(request).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  v1::DeregisterRequest end;
  end.set_session_id(request.session_id());
  end.set_session_secret(request.session_secret());
  v1::DeregisterResponse ignored;
  EXPECT_EQ(client_.Call(&v1::Registry::Stub::Deregister, end, ignored).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(RegistrationTest, ASessionThatNobodyOpenedIsNotFound) {
  v1::RegisterRequest request = WithOwnSession(Registration({Spec("user", "u1")}, kLong));
  request.set_open(false);
  EXPECT_EQ(client_.TryRegister(request).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RegistrationTest, EveryBadFieldIsNamed) {
  using Break = std::function<void(v1::RegisterRequest&, v1::InstanceSpec&)>;
  const std::string at = "instances[0].";
  const std::vector<std::pair<std::string, Break>> table = {
      {"instances", [](auto& r, auto&) { r.clear_instances(); }},
      {at + "namespace", [](auto&, auto& s) { s.set_namespace_("UPPER"); }},
      {at + "service", [](auto&, auto& s) { s.clear_service(); }},
      {at + "service", [](auto&, auto& s) { s.set_service("a/b"); }},
      {at + "service", [](auto&, auto& s) { s.set_service(std::string(254, 'a')); }},
      {at + "id", [](auto&, auto& s) { s.clear_id(); }},
      {at + "id", [](auto&, auto& s) { s.set_id("a b"); }},
      {at + "id", [](auto&, auto& s) { s.set_id("a\nb"); }},
      {at + "endpoints", [](auto&, auto& s) { s.clear_endpoints(); }},
      {at + "endpoints",
       [](auto&, auto& s) {
         for (int i = 0; i < 16; ++i) *s.add_endpoints() = s.endpoints(0);
       }},
      {at + "endpoints[0].address",
       [](auto&, auto& s) { s.mutable_endpoints(0)->set_address(""); }},
      {at + "endpoints[0].address",
       [](auto&, auto& s) { s.mutable_endpoints(0)->set_address("a b"); }},
      {at + "endpoints[0].port", [](auto&, auto& s) { s.mutable_endpoints(0)->set_port(0); }},
      {at + "endpoints[0].port", [](auto&, auto& s) { s.mutable_endpoints(0)->set_port(65536); }},
      {at + "weight", [](auto&, auto& s) { s.set_weight(10001); }},
      {at + "locality.zone",
       [](auto&, auto& s) { s.mutable_locality()->set_zone(std::string(1025, 'z')); }},
      {at + "version", [](auto&, auto& s) { s.set_version("1\x07"); }},
      {at + "metadata",
       [](auto&, auto& s) {
         for (int i = 0; i < 65; ++i) (*s.mutable_metadata())[std::to_string(i)] = "";
       }},
      {at + "metadata",
       [](auto&, auto& s) { (*s.mutable_metadata())["k"] = std::string(16 << 10, 'v'); }},
      {at + "lifetime", [](auto&, auto& s) { s.set_lifetime(static_cast<v1::Lifetime>(9)); }},
      {"instances[1]", [](auto& r, auto& s) { *r.add_instances() = s; }},
      {"ttl", [](auto& r, auto&) { r.mutable_ttl()->set_seconds(601); }},
      {"ttl", [](auto& r, auto&) { *r.mutable_ttl() = {}, r.mutable_ttl()->set_nanos(1); }},
      {"ttl", [](auto& r, auto&) { r.mutable_ttl()->set_seconds(-5); }},
      {"session_id", [](auto& r, auto&) { r.set_session_id("short"); }},
      {"session_secret", [](auto& r, auto&) { r.set_session_id(std::string(32, 'a')); }},
      {"client_name", [](auto& r, auto&) { r.set_client_name(std::string(1025, 'n')); }},
  };
  for (const auto& [field, spoil] : table) {
    v1::RegisterRequest request = Registration({Spec("user", "u1")}, kLong);
    spoil(request, *request.mutable_instances()->Mutable(0));
    const grpc::Status status = client_.TryRegister(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << field;
    EXPECT_THAT(status.error_message(), ::testing::StartsWith(field + ":"))
        << request.ShortDebugString().substr(0, 300);
  }
  EXPECT_EQ(client_.Instances("user").instances_size(), 0);
}

}  // namespace
}  // namespace rollcall::integration
