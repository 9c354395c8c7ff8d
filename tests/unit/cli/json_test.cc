#include "cli/print/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlohmann/json.hpp"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {
namespace {

v1::ListInstancesResponse Listed() {
  v1::ListInstancesResponse listed;
  v1::Instance& instance = *listed.add_instances();
  instance.mutable_spec()->set_id("u1");
  instance.mutable_spec()->set_version("1.2");
  instance.set_standing(v1::STANDING_PASSING);
  listed.set_revision(12);
  return listed;
}

TEST(ToJsonTest, KeepsFieldNamesPrintsDefaultsAndPrefixes) {
  const auto json = nlohmann::json::parse(ToJson(Listed(), JsonShape::kPretty));
  EXPECT_EQ(json["revision"], "12");
  EXPECT_EQ(json["store_id"], "");
  const auto& instance = json["instances"][0];
  EXPECT_EQ(instance["standing"], "STANDING_PASSING");
  EXPECT_EQ(instance["effective_weight"], 0);
  EXPECT_EQ(instance["lease_epoch"], "0");
  EXPECT_EQ(instance["spec"]["start_unready"], false);
}

TEST(ToJsonTest, AnEmptyListIsPrinted) {
  const auto json = nlohmann::json::parse(ToJson(v1::ListInstancesResponse(), JsonShape::kOneLine));
  EXPECT_TRUE(json["instances"].is_array());
}

TEST(ToJsonTest, OneLineIsOneLine) {
  const std::string json = ToJson(Listed(), JsonShape::kOneLine);
  EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST(ToYamlTest, QuotesStringsThatWouldReadAsSomethingElse) {
  const std::string yaml = ToYaml(Listed());
  EXPECT_THAT(yaml, ::testing::HasSubstr("revision: \"12\"\n"));
  EXPECT_THAT(yaml, ::testing::HasSubstr("version: \"1.2\"\n"));
  EXPECT_THAT(yaml, ::testing::HasSubstr("standing: STANDING_PASSING\n"));
  EXPECT_THAT(yaml, ::testing::HasSubstr("endpoints: []\n"));
  EXPECT_THAT(yaml, ::testing::HasSubstr("effective_weight: 0\n"));
}

TEST(FromYamlTest, ReadsYamlAndJsonAlike) {
  v1::ServiceSpec from_yaml;
  ASSERT_TRUE(
      FromYaml("eviction_brake:\n  enabled: true\n  share: 0.3\n  window_seconds: 90\n", from_yaml)
          .ok());
  EXPECT_TRUE(from_yaml.eviction_brake().enabled());
  EXPECT_EQ(from_yaml.eviction_brake().share(), 0.3);
  EXPECT_EQ(from_yaml.eviction_brake().window_seconds(), 90u);
  v1::ServiceSpec from_json;
  ASSERT_TRUE(FromYaml(R"({"eviction_brake": {"share": 0.3}})", from_json).ok());
  EXPECT_EQ(from_json.eviction_brake().share(), 0.3);
}

TEST(FromYamlTest, WhatWasPrintedCanBeReadAgain) {
  const v1::ListInstancesResponse listed = Listed();
  v1::ListInstancesResponse again;
  ASSERT_TRUE(FromYaml(ToYaml(listed), again).ok());
  EXPECT_EQ(again.SerializeAsString(), listed.SerializeAsString());
}

TEST(FromYamlTest, RefusesUnknownFieldsAndBrokenText) {
  v1::ServiceSpec spec;
  EXPECT_THAT(std::string(FromYaml("evicton_brake: {}", spec).message()),
              ::testing::HasSubstr("evicton_brake"));
  EXPECT_TRUE(absl::IsInvalidArgument(FromYaml("a: [", spec)));
  EXPECT_TRUE(absl::IsInvalidArgument(FromYaml("just words", spec)));
}

}  // namespace
}  // namespace rollcall::cli
