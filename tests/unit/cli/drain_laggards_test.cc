#include "cli/client/drain_laggards.h"

#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

v1::GetDrainStatusResponse Status(uint32_t applied, const std::vector<std::string>& laggards) {
  v1::GetDrainStatusResponse status;
  status.set_applied(applied);
  int64_t behind = 0;
  for (const std::string& name : laggards) {
    v1::DrainWatcher& watcher = *status.add_laggards();
    watcher.set_client_name(name);
    watcher.mutable_behind()->set_seconds(++behind);
  }
  return status;
}

std::vector<std::string> CutOff(const std::vector<v1::GetDrainStatusResponse>& answers) {
  DrainLaggards laggards;
  for (const auto& answer : answers) laggards.See(answer);
  std::vector<std::string> names;
  for (const auto& watcher : laggards.CutOff()) names.push_back(watcher.client_name());
  return names;
}

using Names = std::vector<std::string>;

TEST(DrainLaggardsTest, OneThatAppliedIsNotCutOff) {
  EXPECT_EQ(CutOff({Status(1, {"a", "b"}), Status(2, {"b"}), Status(3, {})}), Names());
}

TEST(DrainLaggardsTest, OneThatGoesUncountedIsCutOff) {
  EXPECT_EQ(CutOff({Status(1, {"a", "b"}), Status(1, {"b"}), Status(2, {})}), Names({"a"}));
}

TEST(DrainLaggardsTest, OfSeveralThatGoTheFurthestBehindAreCutOff) {
  EXPECT_EQ(CutOff({Status(0, {"a", "b", "c"}), Status(1, {})}), Names({"b", "c"}));
}

TEST(DrainLaggardsTest, OneThatTheRegistryNamesAgainIsStillWaitedFor) {
  EXPECT_EQ(CutOff({Status(0, {"a"}), Status(0, {}), Status(0, {"a"})}), Names());
}

TEST(DrainLaggardsTest, AnAnswerThatLacksANodeSaysNothing) {
  v1::GetDrainStatusResponse lacking = Status(0, {});
  lacking.add_unreachable()->set_id("n2");
  EXPECT_EQ(CutOff({Status(1, {"a"}), lacking, Status(2, {})}), Names());
  EXPECT_EQ(CutOff({Status(1, {"a"}), lacking, Status(1, {})}), Names({"a"}));
}

TEST(DrainLaggardsTest, WhoAppliedItMayGo) {
  EXPECT_EQ(CutOff({Status(5, {"a"}), Status(3, {"a"}), Status(4, {})}), Names());
}

}  // namespace
}  // namespace rollcall::cli
