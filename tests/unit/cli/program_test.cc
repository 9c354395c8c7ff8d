// Asking once: arguments, answers, exit codes.
#include "tests/unit/cli/program_test.h"

#include <cstdio>
#include <fstream>

#include "nlohmann/json.hpp"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ProgramTest, WrongUseIsExitTwoAndOneLine) {
  const std::vector<std::vector<std::string>> kWrong = {
      {},
      {"isntances"},
      {"get"},
      {"get", "user"},
      {"get", "a/b/c"},
      {"instances", "user", "--bogus"},
      {"instances", "user", "--at", "whenever"},
      {"services", "-o", "xml"},
      {"services", "--timeout", "soon"},
      {"override", "set", "user/u1"},
      {"override", "set", "user/u1", "--draining", "--out-of-service"},
      {"history", "--limit", "0"},
      {"history", "--since", "2199-01-01"},
      {"watch", "user", "order", "user"},
      {"register", "user", "u1", "--endpoint", "h:1", "--meta", "a=1", "--meta", "a=2"},
      {"register", "user", "u1"},
      {"register", "user", "u1", "--endpoint", "nowhere"},
      {"register", "user", "u1", "--endpoint", "h:1", "--static", "--ttl", "5s"},
      {"service", "set", "user"},
      {"completion", "csh"}};
  for (const auto& arguments : kWrong) {
    EXPECT_EQ(Run(arguments), 2) << notes();
    EXPECT_EQ(Lines(notes()), 1u) << notes();
    EXPECT_THAT(notes(), StartsWith("rollcall: "));
    EXPECT_EQ(out(), "");
  }
}

TEST_F(ProgramTest, AValueOfTheWrongTypeIsToldWhatWouldDo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> kTable = {
      {{"history", "--limit", "x"}, "--limit: \"x\" is not a whole number, 0 or more"},
      {{"override", "set", "user/u1", "--weight", "-1"},
       "--weight: \"-1\" is not a whole number, 0 or more"},
      {{"service", "set", "user", "--brake", "perhaps"},
       "--brake: \"perhaps\" is not true or false"},
      {{"service", "set", "user", "--brake-share", "half"},
       "--brake-share: \"half\" is not a number"}};
  for (const auto& [arguments, said] : kTable) {
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_THAT(notes(), HasSubstr(said + "; see 'rollcall " + arguments.front()));
  }
}

TEST_F(ProgramTest, AMistypedVerbIsRecognised) {
  Run({"isntances"});
  EXPECT_THAT(notes(), HasSubstr("did you mean instances?"));
}

TEST_F(ProgramTest, EveryVerbHasHelpWithAnExample) {
  for (const char* verb :
       {"services", "instances", "get", "resolve", "watch", "register", "deregister", "drain",
        "undrain", "override", "brake", "service", "history", "explain", "nodes", "status", "bench",
        "version", "completion"}) {
    EXPECT_EQ(Run({verb, "--help"}), 0);
    EXPECT_THAT(out(), HasSubstr(std::string("Examples:\n  rollcall ") + verb)) << verb;
  }
}

TEST_F(ProgramTest, NobodyThereIsExitThree) {
  EXPECT_EQ(RunAlone({"--server", "127.0.0.1:1", "services"}), 3);
  EXPECT_THAT(notes(), StartsWith("rollcall: no registry answers at 127.0.0.1:1; "));
  EXPECT_EQ(Lines(notes()), 1u);
}

TEST_F(ProgramTest, TheNextServerIsTriedWhenOneIsUnreachable) {
  EXPECT_EQ(RunAlone({"status", "--server", "127.0.0.1:1," + fake_.address}), 1) << notes();
  EXPECT_EQ(fake_.operations.node_status.calls, 1);
}

TEST_F(ProgramTest, StatusesBecomeExitCodes) {
  const std::pair<grpc::StatusCode, int> kTable[] = {
      {grpc::StatusCode::NOT_FOUND, 1},         {grpc::StatusCode::INVALID_ARGUMENT, 2},
      {grpc::StatusCode::UNAVAILABLE, 3},       {grpc::StatusCode::DEADLINE_EXCEEDED, 3},
      {grpc::StatusCode::PERMISSION_DENIED, 4}, {grpc::StatusCode::UNAUTHENTICATED, 4}};
  for (const auto& [code, expected] : kTable) {
    fake_.discovery.instance.status = {code, "because"};
    EXPECT_EQ(Run({"get", "user/u1"}), expected);
    EXPECT_THAT(notes(), StartsWith("rollcall: because"));
  }
}

TEST_F(ProgramTest, GlobalOptionsAreAcceptedBeforeAndAfterTheVerb) {
  fake_.operations.node_status.response.set_store_reachable(true);
  EXPECT_EQ(Run({"-o", "json", "status"}), 0);
  const std::string before = out();
  EXPECT_EQ(Run({"status", "-o", "json"}), 0);
  EXPECT_EQ(out(), before);
  EXPECT_EQ(Run({"override", "list", "-n", "shop"}), 0);
  EXPECT_EQ(fake_.operations.overrides.last.namespace_(), "shop");
}

TEST_F(ProgramTest, AListIsOneJsonObject) {
  auto& response = fake_.operations.instances.response;
  response.add_instances()->set_standing(v1::STANDING_PASSING);
  response.set_revision(12);
  response.set_store_id("s1");
  EXPECT_EQ(Run({"instances", "user", "-o", "json", "--selector", "zone=a"}), 0);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json.size(), 3u);
  EXPECT_EQ(json["instances"][0]["standing"], "STANDING_PASSING");
  EXPECT_EQ(json["revision"], "12");
  EXPECT_EQ(json["store_id"], "s1");
  EXPECT_EQ(fake_.operations.instances.last.selector(), "zone=a");
  EXPECT_EQ(fake_.operations.instances.last.namespace_(), "default");
}

TEST_F(ProgramTest, InstancesShowsTheBrakeOfItsServiceOnly) {
  fake_.operations.instances.response.add_instances();
  for (const char* service : {"user", "order"}) {
    v1::BrakeInfo& brake = *fake_.operations.brakes.response.add_brakes();
    brake.set_namespace_("default");
    brake.set_service(service);
  }
  EXPECT_EQ(Run({"instances", "user"}), 0);
  EXPECT_THAT(out(), HasSubstr("Lift it: rollcall brake release user\n"));
  EXPECT_THAT(out(), ::testing::Not(HasSubstr("order")));
}

TEST_F(ProgramTest, NoInstancesIsANo) {
  EXPECT_EQ(Run({"instances", "user"}), 1);
  EXPECT_THAT(notes(), HasSubstr("no instances of user"));
  EXPECT_EQ(Run({"resolve", "user", "-o", "json"}), 1);
  EXPECT_TRUE(nlohmann::json::parse(out())["instances"].empty());
}

TEST_F(ProgramTest, ResolvePassesItsFlagsOn) {
  fake_.discovery.resolved.response.add_instances();
  EXPECT_EQ(Run({"resolve", "user", "--strict", "--latest"}), 0);
  EXPECT_TRUE(fake_.discovery.resolved.last.strict());
  EXPECT_EQ(fake_.discovery.resolved.last.consistency(), v1::CONSISTENCY_LATEST);
}

TEST_F(ProgramTest, RegisterStaticSendsEverythingAndOpensNoSession) {
  EXPECT_EQ(Run({"register",   "db",         "main",     "--endpoint", "sql=h:5432",
                 "--endpoint", "admin=h:80", "--weight", "0",          "--version",
                 "15",         "--zone",     "a",        "--region",   "eu",
                 "--meta",     "team=core",  "--meta",   "tier=1",     "--static"}),
            0)
      << notes();
  const v1::RegisterRequest& request = fake_.registry.registered.last;
  EXPECT_EQ(request.session_id(), "");
  EXPECT_FALSE(request.open());
  const v1::InstanceSpec& spec = request.instances(0);
  EXPECT_EQ(spec.endpoints_size(), 2);
  EXPECT_TRUE(spec.has_weight());
  EXPECT_EQ(spec.version(), "15");
  EXPECT_EQ(spec.locality().zone(), "a");
  EXPECT_EQ(spec.metadata_size(), 2);
  EXPECT_EQ(spec.lifetime(), v1::LIFETIME_STATIC);
}

TEST_F(ProgramTest, InstancesAtAFutureTimeIsWrongUse) {
  EXPECT_EQ(Run({"instances", "user", "--at", "2999-01-01 00:00:00"}), 2);
  EXPECT_THAT(notes(), HasSubstr("\"2999-01-01 00:00:00\" is in the future"));
  EXPECT_EQ(fake_.operations.instances.calls, 0);
}

TEST_F(ProgramTest, AllNamespacesOnlyWhereTheyCanBeListed) {
  EXPECT_EQ(Run({"services", "-n", "*"}), 0);
  EXPECT_EQ(Run({"override", "list", "-n", "*"}), 0);
  const std::vector<std::vector<std::string>> kOthers = {
      {"instances", "user"},
      {"get", "user/u1"},
      {"resolve", "user"},
      {"watch", "user"},
      {"register", "user", "u1", "--endpoint", "h:1"},
      {"history"},
      {"drain", "user/u1"},
      {"override", "set", "user/u1", "--draining"},
      {"service", "get", "user"}};
  for (std::vector<std::string> arguments : kOthers) {
    arguments.insert(arguments.end(), {"-n", "*"});
    EXPECT_EQ(Run(arguments), 2) << arguments[0];
    EXPECT_THAT(notes(), HasSubstr("only services, override list and watch")) << arguments[0];
  }
}

TEST_F(ProgramTest, WhatCannotBeWrittenIsANo) {
  std::ofstream full("/dev/full");
  EXPECT_EQ(RunInto(full, {"--server", fake_.address, "-o", "json", "services"}), 1);
  EXPECT_THAT(notes(), StartsWith("rollcall: the answer could not be written to stdout; "));
  EXPECT_EQ(Lines(notes()), 1u);
  std::ofstream still_full("/dev/full");
  EXPECT_EQ(RunInto(still_full, {"--help"}), 1);
}

TEST_F(ProgramTest, AWebServerIsNoRegistry) {
  const grpc::Status web(grpc::StatusCode::UNIMPLEMENTED, "Received http2 header with status: 404");
  fake_.discovery.services.status = web;
  EXPECT_EQ(Run({"services"}), 3);
  EXPECT_THAT(notes(), HasSubstr("is no registry (Received http2 header with status: 404); "));
  EXPECT_EQ(Lines(notes()), 1u);
  FakeRegistry next;
  EXPECT_EQ(RunAlone({"services", "--server", fake_.address + "," + next.address}), 0) << notes();
  base::MutexLock lock(next.mu);
  EXPECT_EQ(next.discovery.services.calls, 1);
}

TEST_F(ProgramTest, ARegistryWithoutTheMethodIsANo) {
  fake_.discovery.services.status = {grpc::StatusCode::UNIMPLEMENTED, ""};
  EXPECT_EQ(Run({"services"}), 1);
}

TEST_F(ProgramTest, ServiceSetChangesOnlyWhatItsFlagsName) {
  auto& present = *fake_.operations.service.response.mutable_spec()->mutable_eviction_brake();
  present.set_share(0.5);
  present.set_more_than(7);
  EXPECT_EQ(Run({"service", "set", "user", "--brake-share", "0.3", "--brake-window", "2m"}), 0)
      << notes();
  const v1::EvictionBrake& brake = fake_.operations.service_put.last.spec().eviction_brake();
  EXPECT_EQ(brake.share(), 0.3);
  EXPECT_EQ(brake.more_than(), 7u);
  EXPECT_EQ(brake.window_seconds(), 120u);
  EXPECT_FALSE(brake.has_enabled());
}

TEST_F(ProgramTest, ServiceSetFromAFileReplacesAll) {
  const std::string path = ::testing::TempDir() + "/rollcall_service_set_test.yaml";
  std::ofstream(path) << "service: user\neviction_brake: {enabled: false, share: 0.25}\n";
  fake_.operations.service.response.mutable_spec()->mutable_eviction_brake()->set_more_than(7);
  EXPECT_EQ(Run({"service", "set", "user", "-f", path}), 0) << notes();
  const v1::ServiceSpec& spec = fake_.operations.service_put.last.spec();
  EXPECT_EQ(spec.namespace_(), "default");
  EXPECT_FALSE(spec.eviction_brake().enabled());
  EXPECT_FALSE(spec.eviction_brake().has_more_than());
  EXPECT_EQ(Run({"service", "set", "order", "-f", path}), 2);
  EXPECT_THAT(notes(), HasSubstr("is about service \"user\""));
  std::remove(path.c_str());
}

TEST_F(ProgramTest, ServiceSetTakesWhatServiceGetPrints) {
  const std::string path = ::testing::TempDir() + "/rollcall_service_get_test.yaml";
  auto& got = fake_.operations.service.response;
  got.mutable_spec()->set_namespace_("default");
  got.mutable_spec()->set_service("user");
  got.mutable_spec()->mutable_eviction_brake()->set_share(0.25);
  got.set_revision(12);
  got.set_store_id("s1");
  for (const char* format : {"yaml", "json"}) {
    ASSERT_EQ(Run({"service", "get", "user", "-o", format}), 0);
    std::ofstream(path) << out();
    EXPECT_EQ(Run({"service", "set", "user", "-f", path}), 0) << notes();
    EXPECT_EQ(fake_.operations.service_put.last.spec().SerializeAsString(),
              got.spec().SerializeAsString());
  }
  std::remove(path.c_str());
}

TEST_F(ProgramTest, ServiceSetNamesTheKnownFields) {
  const std::string path = ::testing::TempDir() + "/rollcall_service_fields_test.yaml";
  for (const char* text : {"evicton_brake: {share: 0.3}", "spec: {brake: {share: 0.3}}"}) {
    std::ofstream(path) << text;
    EXPECT_EQ(Run({"service", "set", "user", "-f", path}), 2);
    EXPECT_THAT(notes(), HasSubstr("known fields: namespace, service, eviction_brake {enabled, "
                                   "share, more_than, window_seconds, max_hold_seconds}"));
    EXPECT_EQ(Lines(notes()), 1u);
  }
  std::remove(path.c_str());
}

TEST_F(ProgramTest, ServiceSetHelpShowsAFile) {
  EXPECT_EQ(Run({"service", "set", "--help"}), 0);
  EXPECT_THAT(out(), HasSubstr("  eviction_brake:\n    share: 0.3\n    window_seconds: 120\n"));
}

TEST_F(ProgramTest, DeregisterSaysWhoAndWhy) {
  EXPECT_EQ(Run({"deregister", "db/main", "--reason", "moved"}), 0) << notes();
  const v1::RemoveInstanceRequest& request = fake_.operations.removed.last;
  EXPECT_EQ(request.key().service(), "db");
  EXPECT_EQ(request.key().id(), "main");
  EXPECT_EQ(request.actor(), "ann@desk");
  EXPECT_EQ(request.reason(), "moved");
}

TEST_F(ProgramTest, BrakeReleaseIsANoWhenNoneHolds) {
  v1::BrakeInfo& other = *fake_.operations.brakes.response.add_brakes();
  other.set_namespace_("shop");
  other.set_service("user");
  EXPECT_EQ(Run({"brake", "release", "user"}), 1);
  EXPECT_THAT(notes(), HasSubstr("no eviction brake of user holds now"));
  EXPECT_EQ(fake_.operations.brake_released.calls, 0);
}

TEST_F(ProgramTest, BrakeReleaseSaysHowManyGoOn) {
  v1::BrakeInfo& brake = *fake_.operations.brakes.response.add_brakes();
  brake.set_namespace_("default");
  brake.set_service("user");
  fake_.operations.brake_released.response.set_released(4);
  EXPECT_EQ(Run({"brake", "release", "user"}), 0) << notes();
  EXPECT_EQ(out(), "Released the brake of user: 4 held evictions go on.\n");
  EXPECT_EQ(fake_.operations.brake_released.last.key().service(), "user");
}

TEST_F(ProgramTest, BrakesOfNodesThatDoNotAnswerAreWarnedOf) {
  v1::UnreachableNode node;
  node.set_id("n2");
  node.set_address("10.0.0.2:7400");
  node.set_why("no answer");
  *fake_.operations.brakes.response.add_unreachable() = node;
  EXPECT_EQ(Run({"brake", "list"}), 0);
  EXPECT_THAT(notes(), HasSubstr("not known, n2 (10.0.0.2:7400): no answer"));
  // It may be the one that holds it.
  *fake_.operations.brake_released.response.add_unreachable() = node;
  EXPECT_EQ(Run({"brake", "release", "user"}), 0);
  EXPECT_EQ(fake_.operations.brake_released.calls, 1);
  EXPECT_THAT(notes(), HasSubstr("not released on a node, n2"));
}

TEST_F(ProgramTest, NodesAreListedAsATableAndAsJson) {
  v1::Node& node = *fake_.operations.nodes.response.add_nodes();
  node.set_id("n1");
  node.set_ready(true);
  node.set_audit(v1::NODE_AUDIT_DIFFERS);
  EXPECT_EQ(Run({"nodes"}), 0) << notes();
  EXPECT_THAT(out(), HasSubstr("DIFFERS"));
  EXPECT_EQ(Run({"nodes", "-o", "json"}), 0);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["nodes"][0]["id"], "n1");
  EXPECT_EQ(json["nodes"][0]["audit"], "NODE_AUDIT_DIFFERS");
}

TEST_F(ProgramTest, EmptyListsWithoutANameAreDone) {
  EXPECT_EQ(Run({"services"}), 0);
  EXPECT_EQ(out(), "No services.\n");
  EXPECT_EQ(Run({"brake", "list"}), 0);
  EXPECT_EQ(Run({"override", "list", "-o", "yaml"}), 0);
  EXPECT_EQ(out(), "overrides: []\nrevision: \"0\"\nstore_id: \"\"\n");
}

TEST_F(ProgramTest, HistoryAsksForWhatWasNamed) {
  EXPECT_EQ(Run({"history", "user/u1", "--since", "1h", "--limit", "5"}), 0) << notes();
  EXPECT_EQ(fake_.operations.history.last.service(), "user");
  EXPECT_EQ(fake_.operations.history.last.id(), "u1");
  EXPECT_EQ(fake_.operations.history.last.limit(), 5u);
  EXPECT_TRUE(fake_.operations.history.last.has_since());
}

TEST_F(ProgramTest, ExplainOfNothingIsANo) {
  EXPECT_EQ(Run({"explain", "user/u1"}), 1);
  EXPECT_THAT(notes(), HasSubstr("has no history"));
}

TEST_F(ProgramTest, StatusSaysNoWhenTheStoreIsAway) {
  EXPECT_EQ(Run({"status"}), 1);
  fake_.operations.node_status.response.set_store_reachable(true);
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_THAT(out(), HasSubstr("store reachable"));
  EXPECT_THAT(out(), Not(HasSubstr("writes")));
}

TEST_F(ProgramTest, StatusSaysNoWhileWritesAreRefused) {
  fake_.operations.node_status.response.set_store_reachable(true);
  fake_.operations.node_status.response.set_writes_refused("the disk is full");
  EXPECT_EQ(Run({"status"}), 1);
  EXPECT_THAT(out(), HasSubstr("refused: the disk is full"));
}

TEST_F(ProgramTest, CompletionKnowsVerbsAndTheirOptions) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run({"completion", shell}), 0);
    for (const char* word : {"undrain", "out-of-service", "brake-share", "selector"}) {
      EXPECT_THAT(out(), HasSubstr(word)) << shell;
    }
  }
  EXPECT_THAT(out(), HasSubstr("complete -c rollcall -s n -l namespace -r -d ")) << "fish";
}

}  // namespace
}  // namespace rollcall::cli
