// What the registry shows to machines that are not its clients: HTTP, gRPC health, reflection,
// channelz; and how soon it answers after a rest.
#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/raw_call.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/socket.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

TEST(HttpTest, HealthReadinessAndMetricsAnswer) {
  Registry registry;
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, absl::Seconds(30)));
  session.Beat();
  EXPECT_EQ(HttpGet(registry.http_port(), "/healthz").status, 200);
  EXPECT_EQ(HttpGet(registry.http_port(), "/readyz").status, 200);
  EXPECT_EQ(HttpGet(registry.http_port(), "/nothing").status, 404);
  const std::vector<std::string> lines = {
      "rollcall_instances{standing=\"passing\"} 1",
      "rollcall_services 1",
      "rollcall_session_streams 1",
      "rollcall_sessions{state=\"live\"} 1",
      "rollcall_registrations_total 1",
      "rollcall_beats_total 1",
      "rollcall_rpc_requests_total{code=\"OK\",method=\"Register\"} 1",
      "# TYPE rollcall_commit_duration_seconds histogram",
      "rollcall_store_disk_free_bytes",
      "process_resident_memory_bytes",
      "rollcall_build_info{version="};
  HttpAnswer metrics;
  // A call may be answered a moment before it is counted.
  Eventually([&] {
    metrics = HttpGet(registry.http_port(), "/metrics");
    return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return metrics.body.find(line) != metrics.body.npos;
    });
  });
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.head, HasSubstr("text/plain; version=0.0.4"));
  for (const std::string& line : lines) EXPECT_THAT(metrics.body, HasSubstr(line));
}

TEST(HttpTest, LocalhostIsAnAddressToo) {
  Registry registry({"--http", "localhost:0"});
  EXPECT_EQ(HttpGet(registry.http_port(), "/readyz").status, 200);
}

TEST(HttpTest, ReadinessEndsWithTheSignalToStop) {
  Registry registry({"--drain-time", "60s"});
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, absl::Seconds(30)));
  registry.process().Signal(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return HttpGet(registry.http_port(), "/readyz").status == 503; }));
  EXPECT_EQ(HttpGet(registry.http_port(), "/healthz").status, 200);
}

TEST(GrpcSurfaceTest, HealthSaysServingForTheWholeAndForEachService) {
  Registry registry;
  const auto channel = registry.Connect();
  const std::string serving = "\x08\x01";  // status: SERVING
  EXPECT_EQ(RawCall(channel, "/grpc.health.v1.Health/Check", "").bytes, serving);
  // service: "rollcall.v1.Registry"
  EXPECT_EQ(RawCall(channel, "/grpc.health.v1.Health/Check", "\x0a\x14rollcall.v1.Registry").bytes,
            serving);
  EXPECT_EQ(RawCall(channel, "/grpc.health.v1.Health/Check", "\x0a\x04nope").status.error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(GrpcSurfaceTest, ReflectionNamesTheServices) {
  Registry registry;
  const std::string list_services = {0x3a, 0x00};
  const RawAnswer answer =
      RawCall(registry.Connect(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
              list_services);
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  for (const char* service :
       {"rollcall.v1.Registry", "rollcall.v1.Discovery", "rollcall.v1.Operations"}) {
    EXPECT_THAT(answer.bytes, HasSubstr(service));
  }
}

TEST(GrpcSurfaceTest, ReflectionDescribesTheServices) {
  Registry registry;
  for (const auto& [service, request] :
       {std::pair<std::string, std::string>("rollcall.v1.Registry", "KeepAliveRequest"),
        {"grpc.health.v1.Health", "HealthCheckRequest"},
        {"grpc.channelz.v1.Channelz", "GetServersRequest"}}) {
    // file_containing_symbol
    const std::string ask = absl::StrCat("\x22", std::string(1, char(service.size())), service);
    const RawAnswer answer = RawCall(
        registry.Connect(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", ask);
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    EXPECT_THAT(answer.bytes, HasSubstr(request)) << service;
  }
}

TEST(GrpcSurfaceTest, ChannelzKnowsTheServer) {
  Registry registry;
  const RawAnswer answer = RawCall(registry.Connect(), "/grpc.channelz.v1.Channelz/GetServers", "");
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_FALSE(answer.bytes.empty());
}

// A call after more than a second of rest.
absl::Duration CallAfterRest(Registry& registry, RawClient& client) {
  if (registry.process().Wait(absl::Milliseconds(1050))) Fail("the registry ended");
  const Stopwatch watch;
  client.Revision();
  std::cout << "measured: after a rest " << watch.elapsed() << "\n";
  return watch.elapsed();
}

// gRPC's callback threads nap after a second without work; something must keep them awake. With the
// nap every call is slow; on a machine that does other things at the same time, some are, so the
// best ones count.
TEST(IdleTest, ARegistryThatRestedAnswersAtOnce) {
  Registry registry;
  RawClient client(registry);
  client.Revision();
  int quick = 0;
  EXPECT_TRUE(Eventually([&] {
    quick += CallAfterRest(registry, client) < absl::Milliseconds(20) ? 1 : 0;
    return quick == 3;
  }));
}

}  // namespace
}  // namespace rollcall::integration
