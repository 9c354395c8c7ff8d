// What options are taken, and that a refusal names the option.
#include "client-sdk/src/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::sdk {
namespace {

using ::testing::HasSubstr;

ClientOptions With(const std::string& server) {
  ClientOptions options;
  options.servers = {server};
  return options;
}

TEST(OptionsTest, AServerIsAHostAndAPortThatThereIs) {
  for (const char* good : {"localhost:7400", "10.0.0.1:1", "[::1]:65535"}) {
    EXPECT_TRUE(Validate(With(good)).ok()) << good;
  }
  for (const char* bad : {"localhost", ":7400", "h:", "h:0", "h:65536", "h:96936", "h:7400x"}) {
    EXPECT_THAT(std::string(Validate(With(bad)).message()), HasSubstr("servers")) << bad;
  }
}

TEST(OptionsTest, AnIdIsWhatTheRegistryTakes) {
  InstanceOptions options;
  options.service = "web";
  options.endpoints = {{.address = "h", .port = 80}};
  for (const char* good : {"a", "S1", "10.0.0.1:80", "A_b-c"}) {
    options.id = good;
    EXPECT_TRUE(Validate(options).ok()) << good;
  }
  for (const char* bad : {"a b", "a/b", "ä"}) {
    options.id = bad;
    EXPECT_THAT(std::string(Validate(options).message()), HasSubstr("id")) << bad;
  }
  options.id = "a";
  options.service = "Web";
  EXPECT_THAT(std::string(Validate(options).message()), HasSubstr("service"));
}

}  // namespace
}  // namespace rollcall::sdk
