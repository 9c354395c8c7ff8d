// Every field, every rule: what is taken, what is refused, and that the refusal names the field.
#include "server/rpc/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "absl/strings/match.h"
#include "server/model/limits.h"
#include "server/model/times.h"

namespace rollcall::rpc {
namespace {

const TtlBounds kBounds{absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)};
const std::string kHex(32, 'a');
const auto kNoConsistency = static_cast<v1::Consistency>(3);

// A change to a good request; `field` empty: it stays good, else the refusal begins with the field.
template <typename Request>
struct Row {
  const char* field;
  std::function<void(Request&)> change;
};

template <typename Request, typename Check>
void Expect(const Request& good, const std::vector<Row<Request>>& rows, Check check) {
  int line = 0;
  for (const Row<Request>& row : rows) {
    ++line;
    Request request = good;
    row.change(request);
    const absl::Status status = check(request);
    const std::string what = absl::StrCat("row ", line, ": ", status.ToString());
    if (*row.field == '\0') {
      EXPECT_TRUE(status.ok()) << what;
      continue;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << what << " for " << row.field;
    EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(row.field, ":")))
        << what << " should name " << row.field;
  }
}

v1::RegisterRequest GoodRegister() {
  v1::RegisterRequest request;
  request.set_session_id(kHex);
  request.set_session_secret(kHex);
  request.set_open(true);
  v1::InstanceSpec& spec = *request.add_instances();
  spec.set_service("web");
  spec.set_id("a");
  spec.add_endpoints()->set_address("10.0.0.1");
  spec.mutable_endpoints(0)->set_port(80);
  return request;
}

v1::InstanceSpec& First(v1::RegisterRequest& r) { return *r.mutable_instances(0); }
v1::Endpoint& Endpoint(v1::RegisterRequest& r) { return *First(r).mutable_endpoints(0); }

TEST(ValidationTest, Register) {
  using R = v1::RegisterRequest;
  const std::vector<Row<R>> rows = {
      {"", [](R&) {}},
      {"instances", [](R& r) { r.clear_instances(); }},
      {"instances",
       [](R& r) {
         while (r.instances_size() <= static_cast<int>(kMaxInstancesPerRequest)) {
           *r.add_instances() = r.instances(0);
         }
       }},
      {"instances[1]", [](R& r) { *r.add_instances() = r.instances(0); }},
      {"instances[0].namespace", [](R& r) { First(r).set_namespace_("A"); }},
      {"", [](R& r) { First(r).set_namespace_("shop"); }},
      {"instances[0].service", [](R& r) { First(r).clear_service(); }},
      {"instances[0].service", [](R& r) { First(r).set_service("Web"); }},
      {"instances[0].service", [](R& r) { First(r).set_service("a/b"); }},
      {"instances[0].service", [](R& r) { First(r).set_service("w eb"); }},
      {"instances[0].service", [](R& r) { First(r).set_service("wéb"); }},
      {"instances[0].service", [](R& r) { First(r).set_service(std::string("a\0b", 3)); }},
      {"", [](R& r) { First(r).set_service("a-z_0.9"); }},
      {"", [](R& r) { First(r).set_service(std::string(kMaxNameBytes, 'x')); }},
      {"instances[0].service",
       [](R& r) { First(r).set_service(std::string(kMaxNameBytes + 1, 'x')); }},
      {"instances[0].id", [](R& r) { First(r).clear_id(); }},
      {"", [](R& r) { First(r).set_id("Host-7.example:8080"); }},
      {"instances[0].id", [](R& r) { First(r).set_id("a/b"); }},
      {"instances[0].id", [](R& r) { First(r).set_id(std::string(kMaxNameBytes + 1, 'x')); }},
      {"instances[0].endpoints", [](R& r) { First(r).clear_endpoints(); }},
      {"instances[0].endpoints",
       [](R& r) {
         while (First(r).endpoints_size() <= static_cast<int>(kMaxEndpoints)) {
           *First(r).add_endpoints() = Endpoint(r);
         }
       }},
      {"instances[0].endpoints[0].name", [](R& r) { Endpoint(r).set_name("a\nb"); }},
      {"instances[0].endpoints[0].protocol", [](R& r) { Endpoint(r).set_protocol("\x7f"); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).clear_address(); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).set_address("a b"); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).set_address("http://a"); }},
      {"instances[0].endpoints[0].address",
       [](R& r) { Endpoint(r).set_address(std::string(kMaxAddressBytes + 1, 'x')); }},
      {"", [](R& r) { Endpoint(r).set_address("::1"); }},
      {"", [](R& r) { Endpoint(r).set_address("fe80::1%eth0"); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).set_address("10.0.0.1:80"); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).set_address("host:80"); }},
      {"instances[0].endpoints[0].address", [](R& r) { Endpoint(r).set_address("[::1]"); }},
      {"instances[0].endpoints[0].port", [](R& r) { Endpoint(r).set_port(0); }},
      {"instances[0].endpoints[0].port", [](R& r) { Endpoint(r).set_port(65536); }},
      {"", [](R& r) { Endpoint(r).set_port(65535); }},
      {"", [](R& r) { *First(r).add_endpoints() = Endpoint(r); }},
      {"instances[0].endpoints[1].name",
       [](R& r) {
         Endpoint(r).set_name("grpc");
         *First(r).add_endpoints() = Endpoint(r);
       }},
      {"", [](R& r) { First(r).set_weight(0); }},
      {"", [](R& r) { First(r).set_weight(kMaxWeight); }},
      {"instances[0].weight", [](R& r) { First(r).set_weight(kMaxWeight + 1); }},
      {"instances[0].locality.region", [](R& r) { First(r).mutable_locality()->set_region("\t"); }},
      {"instances[0].locality.zone", [](R& r) { First(r).mutable_locality()->set_zone("\t"); }},
      {"instances[0].locality.sub_zone",
       [](R& r) { First(r).mutable_locality()->set_sub_zone("\t"); }},
      {"instances[0].version",
       [](R& r) { First(r).set_version(std::string(kMaxTextBytes + 1, 'v')); }},
      {"", [](R& r) { First(r).set_version("1.2.3-β"); }},
      {"instances[0].metadata", [](R& r) { (*First(r).mutable_metadata())[""] = "v"; }},
      {"instances[0].metadata",
       [](R& r) {
         for (size_t i = 0; i <= kMaxMetadataKeys; ++i) {
           (*First(r).mutable_metadata())[absl::StrCat("k", i)] = "";
         }
       }},
      {"instances[0].metadata",
       [](R& r) { (*First(r).mutable_metadata())["k"] = std::string(kMaxMetadataBytes, 'v'); }},
      {"",
       [](R& r) { (*First(r).mutable_metadata())["k"] = std::string(kMaxMetadataBytes - 1, 'v'); }},
      {"instances[0].start_unready",
       [](R& r) {
         First(r).set_lifetime(v1::LIFETIME_STATIC);
         First(r).set_start_unready(true);
       }},
      {"instances[0].lifetime", [](R& r) { First(r).set_lifetime(static_cast<v1::Lifetime>(9)); }},
      {"client_name", [](R& r) { r.set_client_name(std::string(kMaxTextBytes + 1, 'c')); }},
      {"client_name", [](R& r) { r.set_client_name("a\r"); }},
      {"session_id", [](R& r) { r.set_session_id("short"); }},
      {"session_id", [](R& r) { r.clear_session_id(); }},
      {"session_id", [](R& r) { r.set_session_id(std::string(32, 'A')); }},
      {"session_secret", [](R& r) { r.clear_session_secret(); }},
      {"session_secret", [](R& r) { r.set_session_secret(std::string(33, 'a')); }},
      {"", [](R& r) { r.clear_session_id(), r.clear_session_secret(); }},
      {"", [](R& r) { r.mutable_ttl()->set_seconds(1); }},
      {"ttl", [](R& r) { r.mutable_ttl()->set_nanos(999'999'999); }},
      {"", [](R& r) { r.mutable_ttl()->set_seconds(600); }},
      {"ttl", [](R& r) { r.mutable_ttl()->set_seconds(600), r.mutable_ttl()->set_nanos(1); }},
      {"ttl", [](R& r) { r.mutable_ttl()->set_seconds(-5); }},
      {"ttl", [](R& r) { r.mutable_ttl()->set_seconds(std::numeric_limits<int64_t>::max()); }},
      {"",
       [](R& r) {
         First(r).set_lifetime(v1::LIFETIME_STATIC);
         r.mutable_ttl()->set_seconds(-5);  // Means nothing here.
       }},
  };
  Expect(GoodRegister(), rows, [](R& r) { return Validate(r, kBounds); });
}

TEST(ValidationTest, RegisterCompletesWhatIsLeftOut) {
  v1::RegisterRequest request = GoodRegister();
  First(request).mutable_locality();
  ASSERT_TRUE(Validate(request, kBounds).ok());
  EXPECT_EQ(request.instances(0).namespace_(), "default");
  EXPECT_EQ(request.instances(0).lifetime(), v1::LIFETIME_EPHEMERAL);
  EXPECT_FALSE(request.instances(0).has_locality());
  EXPECT_EQ(FromProto(request.ttl()), absl::Seconds(10));
}

TEST(ValidationTest, ALocalityOfNothingThatIsKnownIsNone) {
  v1::RegisterRequest request = GoodRegister();
  v1::Locality& locality = *First(request).mutable_locality();
  locality.GetReflection()->MutableUnknownFields(&locality)->AddVarint(1000, 7);
  ASSERT_TRUE(Validate(request, kBounds).ok());
  EXPECT_FALSE(request.instances(0).has_locality());
}

// What a newer client says and we do not know is not kept: in the spec and in all that it holds.
TEST(ValidationTest, WhatIsNotKnownOfASpecIsDropped) {
  v1::RegisterRequest request = GoodRegister();
  First(request).mutable_locality()->set_zone("a");
  ASSERT_TRUE(Validate(request, kBounds).ok());
  const std::string known = First(request).SerializeAsString();
  const auto add = [](google::protobuf::Message& message) {
    message.GetReflection()->MutableUnknownFields(&message)->AddVarint(1000, 7);
  };
  add(First(request));
  for (int i = 0; i < v1::InstanceSpec::descriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *v1::InstanceSpec::descriptor()->field(i);
    if (field.message_type() == nullptr || field.is_map()) continue;
    const google::protobuf::Reflection& reflection = *First(request).GetReflection();
    add(field.is_repeated() ? *reflection.MutableRepeatedMessage(&First(request), &field, 0)
                            : *reflection.MutableMessage(&First(request), &field));
    // Whoever lets them hold messages has more to drop.
    for (int j = 0; j < field.message_type()->field_count(); ++j) {
      EXPECT_EQ(field.message_type()->field(j)->message_type(), nullptr) << field.full_name();
    }
  }
  ASSERT_NE(First(request).SerializeAsString(), known);
  ASSERT_TRUE(Validate(request, kBounds).ok());
  EXPECT_EQ(First(request).SerializeAsString(), known);
}

TEST(ValidationTest, ARefusalNamesTheValueButNotAllOfALongOne) {
  v1::RegisterRequest request = GoodRegister();
  First(request).set_service("Web");
  EXPECT_THAT(std::string(Validate(request, kBounds).message()), ::testing::HasSubstr("\"Web\""));
  First(request).set_service(std::string(100000, 'X'));
  EXPECT_LT(Validate(request, kBounds).message().size(), 200u);
}

TEST(ValidationTest, Deregister) {
  using R = v1::DeregisterRequest;
  R good;
  good.set_session_id(kHex);
  good.set_session_secret(kHex);
  const auto add = [](R& r, const std::string& id) {
    r.add_instances()->set_service("web");
    r.mutable_instances(r.instances_size() - 1)->set_id(id);
  };
  Expect<R>(good,
            {{"", [](R&) {}},
             {"session_id", [](R& r) { r.clear_session_id(); }},
             {"session_secret", [](R& r) { r.set_session_secret("x"); }},
             {"instances", [](R& r) { r.Clear(); }},
             {"", [&](R& r) { add(r, "a"); }},
             {"", [&](R& r) { r.Clear(), add(r, "a"); }},
             {"instances[1].id", [&](R& r) { add(r, "a"), add(r, ""); }},
             {"instances[0].service",
              [&](R& r) { add(r, "a"), r.mutable_instances(0)->set_service("W"); }},
             {"instances[0].namespace",
              [&](R& r) { add(r, "a"), r.mutable_instances(0)->set_namespace_("*"); }},
             {"instances",
              [&](R& r) {
                for (size_t i = 0; i <= kMaxInstancesPerRequest; ++i) add(r, absl::StrCat("i", i));
              }}},
            [](R& r) { return Validate(r); });
}

TEST(ValidationTest, Open) {
  using R = v1::KeepAliveRequest::Open;
  R good;
  good.set_session_id(kHex);
  good.set_session_secret(kHex);
  Expect<R>(good,
            {{"", [](R&) {}},
             {"open.session_id", [](R& r) { r.set_session_id("x"); }},
             {"open.session_secret", [](R& r) { r.clear_session_secret(); }}},
            [](R& r) { return Validate(r); });
}

TEST(ValidationTest, ReadsOfDiscovery) {
  using R = v1::ResolveRequest;
  R good;
  good.set_service("web");
  Expect<R>(good,
            {{"", [](R&) {}},
             {"", [](R& r) { r.set_selector("zone=a,version!=2"); }},
             {"namespace", [](R& r) { r.set_namespace_("*"); }},
             {"", [](R& r) { r.set_consistency(v1::CONSISTENCY_LATEST); }},
             {"consistency", [](R& r) { r.set_consistency(kNoConsistency); }},
             {"service", [](R& r) { r.clear_service(); }},
             {"selector", [](R& r) { r.set_selector("color=red"); }},
             {"selector", [](R& r) { r.set_selector(std::string(kMaxSelectorBytes + 1, 'x')); }}},
            [](R& r) { return Validate(r); });
  using L = v1::ListServicesRequest;
  Expect<L>(L(),
            {{"", [](L&) {}},
             {"", [](L& r) { r.set_namespace_("*"); }},
             {"namespace", [](L& r) { r.set_namespace_("a*"); }}},
            [](L& r) { return Validate(r); });
  using G = v1::GetInstanceRequest;
  G instance;
  instance.mutable_key()->set_service("web");
  instance.mutable_key()->set_id("a");
  Expect<G>(instance,
            {{"", [](G&) {}},
             {"key.id", [](G& r) { r.mutable_key()->clear_id(); }},
             {"consistency", [](G& r) { r.set_consistency(kNoConsistency); }}},
            [](G& r) { return Validate(r); });
}

TEST(ValidationTest, SetOverride) {
  using R = v1::SetOverrideRequest;
  R good;
  good.mutable_key()->set_service("web");
  good.mutable_key()->set_id("a");
  good.set_mode(v1::OVERRIDE_MODE_DRAINING);
  Expect<R>(good,
            {{"", [](R&) {}},
             {"key.service", [](R& r) { r.mutable_key()->clear_service(); }},
             {"key.id", [](R& r) { r.mutable_key()->clear_id(); }},
             {"key.namespace", [](R& r) { r.mutable_key()->set_namespace_("N"); }},
             {"actor", [](R& r) { r.set_actor("a\n"); }},
             {"reason", [](R& r) { r.set_reason(std::string(kMaxTextBytes + 1, 'x')); }},
             {"mode", [](R& r) { r.set_mode(static_cast<v1::OverrideMode>(7)); }},
             {"mode", [](R& r) { r.clear_mode(); }},
             {"", [](R& r) { r.clear_mode(), r.set_weight(0); }},
             {"weight", [](R& r) { r.set_weight(kMaxWeight + 1); }},
             {"", [](R& r) { r.mutable_duration()->set_seconds(1); }},
             {"duration", [](R& r) { r.mutable_duration()->set_nanos(1); }},
             {"duration", [](R& r) { r.mutable_duration()->set_seconds(0); }},
             {"", [](R& r) { *r.mutable_duration() = ToProto(kMaxOverride); }},
             {"duration",
              [](R& r) { *r.mutable_duration() = ToProto(kMaxOverride + absl::Nanoseconds(1)); }}},
            [](R& r) { return Validate(r); });
}

TEST(ValidationTest, ServiceSpec) {
  using R = v1::ServiceSpec;
  R good;
  good.set_service("web");
  const auto brake = [](R& r) -> v1::EvictionBrake& { return *r.mutable_eviction_brake(); };
  Expect<R>(
      good,
      {{"", [](R&) {}},
       {"spec.namespace", [](R& r) { r.set_namespace_("N"); }},
       {"spec.service", [](R& r) { r.clear_service(); }},
       {"", [&](R& r) { brake(r).set_share(1); }},
       {"spec.eviction_brake.share", [&](R& r) { brake(r).set_share(0); }},
       {"spec.eviction_brake.share", [&](R& r) { brake(r).set_share(1.01); }},
       {"spec.eviction_brake.share", [&](R& r) { brake(r).set_share(std::nan("")); }},
       {"", [&](R& r) { brake(r).set_window_seconds(3600); }},
       {"spec.eviction_brake.window_seconds", [&](R& r) { brake(r).set_window_seconds(0); }},
       {"spec.eviction_brake.window_seconds", [&](R& r) { brake(r).set_window_seconds(3601); }},
       {"", [&](R& r) { brake(r).set_max_hold_seconds(86400); }},
       {"spec.eviction_brake.max_hold_seconds", [&](R& r) { brake(r).set_max_hold_seconds(0); }},
       {"spec.eviction_brake.max_hold_seconds",
        [&](R& r) { brake(r).set_max_hold_seconds(86401); }}},
      [](R& r) { return Validate(r); });
}

TEST(ValidationTest, ReadsOfOperations) {
  using O = v1::ListOverridesRequest;
  Expect<O>(O(),
            {{"", [](O&) {}},
             {"", [](O& r) { r.set_namespace_("*"); }},
             {"namespace", [](O& r) { r.set_namespace_("N"); }},
             {"service", [](O& r) { r.set_service("W"); }},
             {"consistency", [](O& r) { r.set_consistency(kNoConsistency); }}},
            [](O& r) { return Validate(r); });
  using S = v1::GetServiceRequest;
  S service;
  service.mutable_key()->set_service("web");
  Expect<S>(service,
            {{"", [](S&) {}},
             {"key.service", [](S& r) { r.mutable_key()->clear_service(); }},
             {"consistency", [](S& r) { r.set_consistency(kNoConsistency); }}},
            [](S& r) { return Validate(r); });
  using H = v1::GetHistoryRequest;
  Expect<H>(H(),
            {{"", [](H&) {}},
             {"namespace", [](H& r) { r.set_namespace_("*"); }},
             {"service", [](H& r) { r.set_service("W"); }},
             {"service", [](H& r) { r.set_id("a"); }},
             {"id", [](H& r) { r.set_service("web"), r.set_id("a b"); }},
             {"", [](H& r) { r.set_limit(kMaxHistoryRows); }},
             {"limit", [](H& r) { r.set_limit(kMaxHistoryRows + 1); }}},
            [](H& r) { return Validate(r); });
  using I = v1::ListInstancesRequest;
  I good;
  good.set_service("web");
  Expect<I>(good,
            {{"", [](I&) {}},
             {"service", [](I& r) { r.clear_service(); }},
             {"namespace", [](I& r) { r.set_namespace_("*"); }},
             {"selector", [](I& r) { r.set_selector("x"); }}},
            [](I& r) { return Validate(r); });
}

}  // namespace
}  // namespace rollcall::rpc
