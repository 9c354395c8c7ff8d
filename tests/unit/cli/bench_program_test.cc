// `bench` as a whole, against a registry that answers as it is told.
#include "nlohmann/json.hpp"
#include "tests/unit/cli/program_test.h"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using WatchStream = Scripts<v1::WatchRequest, v1::WatchResponse>::Stream;
using SessionStream = Scripts<v1::KeepAliveRequest, v1::KeepAliveResponse>::Stream;

class BenchProgramTest : public ProgramTest {
 protected:
  // With this rate and TTL there are so many sessions that stay.
  static constexpr int kSteady = 5;

  void SetUp() override {
    v1::Node& self = *fake_.operations.nodes.response.add_nodes();
    self.set_id("node-1");
    self.set_is_self(true);
    fake_.discovery.resolved.response.add_instances();
    for (int i = 0; i < kSteady; ++i) {
      fake_.registry.keep_alive.Add([](SessionStream& stream) { return Acknowledge(stream); });
    }
    fake_.discovery.watch.Add([this](WatchStream& stream) {
      v1::WatchRequest request;
      v1::WatchResponse complete;
      complete.set_caught_up(true);
      if (watch_is_told_) complete.add_updated()->mutable_spec()->set_id("c0");
      stream.Read(&request);
      stream.Write(complete);
      stream.Read(&request);
      return grpc::Status::OK;
    });
  }

  static grpc::Status Acknowledge(SessionStream& stream) {
    v1::KeepAliveRequest request;
    while (stream.Read(&request)) {
      v1::KeepAliveResponse response;
      if (request.has_open()) response.mutable_opened();
      if (request.has_beat()) response.mutable_ack()->set_sequence(request.beat().sequence());
      stream.Write(response);
    }
    return grpc::Status::OK;
  }

  int RunBench(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "bench",     "--rate", "5",  "--for", "200ms",         "--ttl", "1s",
        "--timeout", "2s",     "-o", "json",  "--connections", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  // Of the one that comes and goes, before it is acknowledged.
  bool watch_is_told_ = true;

  nlohmann::json Work(const std::string& name) const {
    const auto report = nlohmann::json::parse(out());
    for (const auto& work : report["works"]) {
      if (work["work"] == name) return work;
    }
    return nullptr;
  }
};

TEST_F(BenchProgramTest, EachKindOfCallIsMadeAtItsRate) {
  EXPECT_EQ(RunBench(), 0) << notes();
  EXPECT_EQ(Work("register")["done"], 1);
  EXPECT_EQ(Work("deregister")["done"], 1);
  EXPECT_EQ(Work("resolve")["done"], 4);
  EXPECT_EQ(Work("heartbeat")["done"], 4);
  EXPECT_EQ(Work("watch_same_node")["done"], 1);
  EXPECT_EQ(Work("watch_other_node"), nullptr);
}

TEST_F(BenchProgramTest, WhatTheWatchIsNotToldIsAFailure) {
  watch_is_told_ = false;
  EXPECT_EQ(RunBench(), 1) << notes();
  EXPECT_EQ(Work("watch_same_node")["failures"], nlohmann::json({{"not told", 1}}));
  EXPECT_THAT(notes(), HasSubstr("rollcall: 1 of 11 calls failed; see 'rollcall status'"));
}

TEST_F(BenchProgramTest, EverySessionIsEndedOnce) {
  RunBench();
  EXPECT_EQ(fake_.registry.registered.calls, kSteady + 1);
  EXPECT_EQ(fake_.registry.deregistered.calls, kSteady + 1);
}

TEST_F(BenchProgramTest, InstancesAreInANamespaceAndAZoneOfTheirOwn) {
  RunBench();
  const v1::RegisterRequest& request = fake_.registry.registered.last;
  EXPECT_THAT(request.instances(0).namespace_(), StartsWith("rollcall-bench-"));
  EXPECT_EQ(request.instances(0).locality().zone(), request.instances(0).id());
  EXPECT_EQ(request.instances(0).lifetime(), v1::LIFETIME_UNSPECIFIED);
  EXPECT_EQ(request.ttl().seconds(), 1);
  EXPECT_EQ(request.client_name(), "rollcall bench ann@desk");
}

TEST_F(BenchProgramTest, FailuresAreCountedByCode) {
  fake_.discovery.resolved.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"};
  EXPECT_EQ(RunBench(), 1);
  EXPECT_EQ(Work("resolve")["failures"], nlohmann::json({{"RESOURCE_EXHAUSTED", 4}}));
  EXPECT_EQ(Work("resolve")["verdict"], "failed");
}

TEST_F(BenchProgramTest, AnEmptyAnswerIsAFailure) {
  fake_.discovery.resolved.response.Clear();
  EXPECT_EQ(RunBench(), 1);
  EXPECT_EQ(Work("resolve")["failures"], nlohmann::json({{"empty", 4}}));
}

TEST_F(BenchProgramTest, WhatCannotBeSetUpIsAnErrorAndIsClearedAway) {
  fake_.registry.registered.status = {grpc::StatusCode::PERMISSION_DENIED, "not yours"};
  EXPECT_EQ(RunBench(), 4);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(notes(), HasSubstr("rollcall: not yours"));
  EXPECT_EQ(fake_.registry.deregistered.calls, kSteady);
}

TEST_F(BenchProgramTest, WhatCannotBeRemovedIsSaid) {
  fake_.registry.deregistered.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"};
  EXPECT_EQ(RunBench(), 1);
  EXPECT_EQ(nlohmann::json::parse(out())["left_behind"], kSteady + 1);
  EXPECT_THAT(notes(), HasSubstr("6 sessions of namespace rollcall-bench-"));
  EXPECT_THAT(notes(), HasSubstr("could not be removed (busy); the registry ends them within 1s"));
}

TEST_F(BenchProgramTest, AnInterruptEndsItInOrder) {
  const Interrupt::Listener somebody_listens(interrupt_, [] {});
  interrupt_.Request();
  EXPECT_EQ(RunBench(), 0) << notes();
  EXPECT_TRUE(nlohmann::json::parse(out())["interrupted"]);
  EXPECT_EQ(fake_.registry.deregistered.calls, fake_.registry.registered.calls);
}

TEST_F(BenchProgramTest, SaysWhatItDoesBeforeItStarts) {
  RunBench();
  EXPECT_THAT(notes(), StartsWith("rollcall: Measuring " + fake_.address + " (node-1) for 200ms"));
}

TEST_F(BenchProgramTest, WrongUseIsRefusedBeforeAnythingIsDone) {
  const std::vector<std::vector<std::string>> kWrong = {
      {"--rate", "1000"}, {"--rate", "-3"},  {"--rate", "0"}, {"--for", "1h"},
      {"--for", "soon"},  {"--ttl", "none"}, {"-n", "shop"},  {"--connections", "100"}};
  for (const auto& more : kWrong) {
    std::vector<std::string> arguments = {"bench"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Run(arguments), 2) << notes();
    EXPECT_THAT(notes(), HasSubstr(more[0]));
  }
  EXPECT_EQ(fake_.operations.nodes.calls, 0);
}

}  // namespace
}  // namespace rollcall::cli
