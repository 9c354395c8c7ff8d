// What operators decide of instances: drain, undrain, override.
#include "nlohmann/json.hpp"
#include "tests/unit/cli/program_test.h"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;

class DecisionsTest : public ProgramTest {};

TEST_F(DecisionsTest, DrainTellsOfAWeightThatLosesItsEnd) {
  v1::Override& before = *fake_.operations.overrides.response.add_overrides();
  before.mutable_key()->set_id("u1");
  before.set_weight(10);
  before.mutable_expires()->set_seconds(2'000'000'000);
  EXPECT_EQ(Run({"drain", "user/u1"}), 0) << notes();
  EXPECT_EQ(fake_.operations.override_set.last.weight(), 10u);
  EXPECT_THAT(notes(), HasSubstr("warning: the weight of 10 was to end at 2033-05-18"));
}

TEST_F(DecisionsTest, DrainTellsOfAWeightThatEndsWithIt) {
  v1::Override& before = *fake_.operations.overrides.response.add_overrides();
  before.mutable_key()->set_id("u1");
  before.set_weight(10);
  EXPECT_EQ(Run({"drain", "user/u1", "--for", "3s"}), 0) << notes();
  EXPECT_THAT(notes(), HasSubstr("warning: the weight of 10 ends with the drain"));
}

TEST_F(DecisionsTest, ASecondDrainKeepsTheEndAndTheReasonOfTheFirst) {
  v1::Override& before = *fake_.operations.overrides.response.add_overrides();
  before.mutable_key()->set_id("u1");
  before.set_mode(v1::OVERRIDE_MODE_DRAINING);
  before.set_reason("disk swap");
  before.mutable_expires()->set_seconds(7'000'000'000);
  fake_.operations.drain.response.set_complete(true);
  EXPECT_EQ(Run({"drain", "user/u1", "--wait"}), 0) << notes();
  EXPECT_EQ(fake_.operations.override_set.last.reason(), "disk swap");
  EXPECT_GT(fake_.operations.override_set.last.duration().seconds(), 0);
}

TEST_F(DecisionsTest, DrainBringsNothingBackThatIsOutOfService) {
  v1::Override& before = *fake_.operations.overrides.response.add_overrides();
  before.mutable_key()->set_id("u1");
  before.set_mode(v1::OVERRIDE_MODE_OUT_OF_SERVICE);
  EXPECT_EQ(Run({"drain", "user/u1"}), 1);
  EXPECT_THAT(notes(), HasSubstr("rollcall override clear user/u1"));
  EXPECT_FALSE(fake_.operations.override_set.last.has_key());
}

TEST_F(DecisionsTest, OverrideClearSaysThatThereIsNone) {
  EXPECT_EQ(Run({"override", "clear", "user/u1"}), 1);
  EXPECT_THAT(notes(), HasSubstr("user/u1 has no override"));
}

TEST_F(DecisionsTest, DrainKeepsAWeightThatWasSetBefore) {
  v1::Override& before = *fake_.operations.overrides.response.add_overrides();
  before.mutable_key()->set_id("u1");
  before.set_weight(10);
  EXPECT_EQ(Run({"drain", "user/u1", "--for", "10m", "--reason", "disk swap"}), 0) << notes();
  const v1::SetOverrideRequest& request = fake_.operations.override_set.last;
  EXPECT_EQ(request.mode(), v1::OVERRIDE_MODE_DRAINING);
  EXPECT_EQ(request.weight(), 10u);
  EXPECT_EQ(request.duration().seconds(), 600);
  EXPECT_EQ(request.reason(), "disk swap");
  EXPECT_EQ(request.actor(), "ann@desk");
  EXPECT_TRUE(request.must_exist());
}

TEST_F(DecisionsTest, DrainWaitEndsWhenAllApplied) {
  fake_.operations.override_set.response.set_revision(9);
  fake_.operations.drain.response.set_complete(true);
  fake_.operations.drain.response.set_applied(2);
  EXPECT_EQ(Run({"drain", "user/u1", "--wait"}), 0) << notes();
  EXPECT_EQ(fake_.operations.drain.last.revision(), 9u);
  EXPECT_EQ(out(), "user/u1 is drained: 2 watchers applied it.\n");
}

TEST_F(DecisionsTest, DrainWaitNamesLaggards) {
  fake_.operations.drain.response.add_laggards()->set_client_name("gateway");
  EXPECT_EQ(Run({"drain", "user/u1", "--wait", "--timeout", "2s"}), 1);
  EXPECT_THAT(notes(), HasSubstr("gateway"));
  EXPECT_EQ(Lines(notes()), 1u);
}

TEST_F(DecisionsTest, DrainWaitNamesWatchersThatWereCutOff) {
  v1::GetDrainStatusResponse waiting;
  waiting.add_laggards()->set_client_name("gateway");
  waiting.mutable_laggards(0)->set_peer("10.0.0.1:5");
  fake_.operations.drain.first.emplace_back(grpc::Status::OK, waiting);
  fake_.operations.drain.response.set_complete(true);
  EXPECT_EQ(Run({"drain", "user/u1", "--wait"}), 1);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(notes(), HasSubstr("user/u1 is not drained everywhere: 0 watchers applied it; cut "
                                 "off without applying it: gateway (10.0.0.1:5); "));
  EXPECT_EQ(Lines(notes()), 1u);
}

TEST_F(DecisionsTest, DrainWaitInJsonCountsTheCutOffAsLaggards) {
  v1::GetDrainStatusResponse waiting;
  waiting.add_laggards()->set_client_name("gateway");
  fake_.operations.drain.first.emplace_back(grpc::Status::OK, waiting);
  fake_.operations.drain.response.set_complete(true);
  EXPECT_EQ(Run({"drain", "user/u1", "--wait", "-o", "json"}), 1);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["laggards"][0]["client_name"], "gateway");
}

TEST_F(DecisionsTest, OverrideSetSaysWhenTheInstanceIsNotRegistered) {
  EXPECT_EQ(Run({"override", "set", "user/u1", "--weight", "5"}), 0) << notes();
  EXPECT_THAT(out(), ::testing::Not(HasSubstr("not registered")));
  EXPECT_EQ(fake_.operations.override_set.calls, 1);
  const std::pair<grpc::Status, v1::SetOverrideResponse> absent{
      {grpc::StatusCode::NOT_FOUND, "user/u1 is not registered"}, {}};
  fake_.operations.override_set.first.push_back(absent);
  EXPECT_EQ(Run({"override", "set", "user/u1", "--weight", "5"}), 0) << notes();
  EXPECT_THAT(out(), HasSubstr("user/u1 is not registered now; it holds when it is.\n"));
  EXPECT_FALSE(fake_.operations.override_set.last.must_exist());
  fake_.operations.override_set.first.push_back(absent);
  EXPECT_EQ(Run({"override", "set", "user/u1", "--weight", "5", "-o", "json"}), 0);
  EXPECT_TRUE(nlohmann::json::accept(out()));
  EXPECT_THAT(notes(), HasSubstr("not registered now; it holds when it is"));
}

TEST_F(DecisionsTest, UndrainClearsOnlyADrain) {
  EXPECT_EQ(Run({"undrain", "user/u1"}), 1);
  v1::Override& override = *fake_.operations.overrides.response.add_overrides();
  override.mutable_key()->set_id("u1");
  override.set_mode(v1::OVERRIDE_MODE_OUT_OF_SERVICE);
  EXPECT_EQ(Run({"undrain", "user/u1"}), 1);
  override.set_mode(v1::OVERRIDE_MODE_DRAINING);
  EXPECT_EQ(Run({"undrain", "user/u1"}), 0) << notes();
  EXPECT_EQ(fake_.operations.override_cleared.calls, 1);
}

TEST_F(DecisionsTest, UndrainKeepsTheWeightAndNotTheReasonOfTheDrain) {
  v1::Override& override = *fake_.operations.overrides.response.add_overrides();
  override.mutable_key()->set_id("u1");
  override.set_mode(v1::OVERRIDE_MODE_DRAINING);
  override.set_weight(10);
  override.set_reason("disk swap");
  EXPECT_EQ(Run({"undrain", "user/u1"}), 0) << notes();
  EXPECT_EQ(fake_.operations.override_set.last.weight(), 10u);
  EXPECT_EQ(fake_.operations.override_set.last.reason(), "the drain ended, the weight stays");
}

TEST_F(DecisionsTest, DrainWaitNamesNodesThatDoNotAnswer) {
  v1::UnreachableNode& node = *fake_.operations.drain.response.add_unreachable();
  node.set_id("n2");
  node.set_why("no answer");
  EXPECT_EQ(Run({"drain", "user/u1", "--wait", "--timeout", "2s"}), 1);
  EXPECT_THAT(notes(), HasSubstr("nodes that do not answer: n2: no answer"));
  EXPECT_EQ(Lines(notes()), 1u);
}

}  // namespace
}  // namespace rollcall::cli
