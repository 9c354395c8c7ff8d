// `rollcall bench` at a real registry: what it sees, and that nothing of it stays, however it ends.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/integration/support/raw_client.h"
#include "tests/integration/support/registry.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

// Calls are late on a loaded machine, and not lost.
const char* const kPatience = "30s";

class BenchTest : public ::testing::Test {
 protected:
  v1::ListServicesResponse Services() {
    v1::ListServicesRequest all;
    all.set_namespace_("*");
    return client_.Get(&v1::Discovery::Stub::ListServices, all);
  }
  uint64_t Instances() { return Status().instances(); }
  v1::GetStatusResponse Status() { return client_.Get(&v1::Operations::Stub::GetStatus, {}); }
  void ExpectNothingIsLeft() {
    EXPECT_EQ(Services().services_size(), 0) << Services().DebugString();
    EXPECT_EQ(Status().sessions(), 0u);
  }
  std::unique_ptr<Process> StartBench(Flags more, const char* timeout = kPatience) {
    Flags command = {
        Registry::CliProgram(), "--server", registry_.address(), "bench", "--timeout", timeout};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<Process>(command);
  }

  Registry registry_;
  RawClient client_{registry_};
};

TEST_F(BenchTest, MeasuresEachKindOfCallAndLeavesNothing) {
  client_.Register(Registration({Spec("user", "u1")}, absl::Minutes(5)));
  const Outcome bench = registry_.Cli({"bench", "--rate", "20", "--for", "1s", "--timeout",
                                       kPatience, "--ttl", "60s", "-o", "json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.out << bench.err;
  const auto json = nlohmann::json::parse(bench.out);
  EXPECT_TRUE(json["ok"]);
  EXPECT_THAT(json["namespace"].get<std::string>(), ::testing::StartsWith("rollcall-bench-"));
  const std::map<std::string, int> expected = {{"register", 20},
                                               {"deregister", 20},
                                               {"resolve", 80},
                                               {"heartbeat", 80},
                                               {"watch_same_node", 20}};
  EXPECT_EQ(json["works"].size(), expected.size());
  for (const auto& work : json["works"]) {
    EXPECT_EQ(work["done"], expected.at(work["work"])) << work;
    EXPECT_EQ(work["failed"], 0) << work;
    EXPECT_LE(work["p50_ms"], work["max_ms"]) << work;
  }
  // Only what was there before.
  EXPECT_EQ(Services().services_size(), 1);
  EXPECT_EQ(client_.StandingOf("user", "u1"), v1::STANDING_PASSING);
  EXPECT_EQ(Status().sessions(), 1u);
}

TEST_F(BenchTest, AnInterruptEndsItAndLeavesNothing) {
  const auto bench = StartBench({"--for", "5m"});
  // Those that stay, and some of those that come and go.
  ASSERT_TRUE(Eventually([&] { return Instances() > 25; }));
  bench->Signal(SIGINT);
  EXPECT_EQ(bench->Wait(), 0) << bench->err();
  bench->AwaitOutputEnd();
  EXPECT_THAT(bench->out(), HasSubstr("Interrupted after "));
  ExpectNothingIsLeft();
}

// More than the brake lets go of one service and zone at once.
TEST_F(BenchTest, WhatAKilledBenchLeavesGoesWithItsTtl) {
  const auto bench = StartBench({"--for", "5m", "--ttl", "2s"});
  ASSERT_TRUE(Eventually([&] { return Instances() > 25; }));
  bench->Kill();
  EXPECT_TRUE(Eventually([&] { return Instances() == 0; }));
  EXPECT_THAT(registry_.Cli({"brake", "list"}).out, HasSubstr("No eviction brake"));
}

TEST_F(BenchTest, ARegistryThatGoesAwayIsFailuresByCode) {
  const auto bench = StartBench({"--for", "3s"}, "2s");
  ASSERT_TRUE(Eventually([&] { return Instances() > 25; }));
  registry_.Kill();
  EXPECT_EQ(bench->Wait(), 1);
  bench->AwaitOutputEnd();
  EXPECT_THAT(bench->out(), HasSubstr("FAILED: "));
  EXPECT_THAT(bench->out(), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(bench->err(), HasSubstr(" calls failed; see 'rollcall status'"));
  EXPECT_THAT(bench->err(), HasSubstr("the registry ends them within 10s"));
}

}  // namespace
}  // namespace rollcall::integration
