#include "cli/verbs/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

TEST(ParseInstanceKeyTest, TakesOneSlash) {
  const auto key = ParseInstanceKey("shop", "user/u1");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->namespace_(), "shop");
  EXPECT_EQ(key->service(), "user");
  EXPECT_EQ(key->id(), "u1");
  for (const char* text : {"user", "user/", "/u1", "a/b/c", ""}) {
    EXPECT_THAT(std::string(ParseInstanceKey("", text).status().message()),
                ::testing::HasSubstr("SERVICE/ID"))
        << text;
  }
}

// As it is printed.
TEST(ParseInstanceKeyTest, TakesANamespaceBeforeTheService) {
  const auto key = ParseInstanceKey("shop", "prod:user/u1");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->namespace_(), "prod");
  EXPECT_EQ(key->service(), "user");
  EXPECT_EQ(ParseServiceKey("*", "prod:user")->namespace_(), "prod");
  EXPECT_EQ(ParsePartialKey("", "prod:user")->namespace_(), "prod");
  EXPECT_FALSE(ParseInstanceKey("*", "user/u1").ok());
  EXPECT_FALSE(ParseInstanceKey("", "*:user/u1").ok());
}

TEST(ParseInstanceKeyTest, AnIdMayHoldColons) {
  const auto key = ParseInstanceKey("shop", "user/10.0.0.1:80");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->namespace_(), "shop");
  EXPECT_EQ(key->id(), "10.0.0.1:80");
  EXPECT_EQ(ParseInstanceKey("shop", "prod:user/a:b")->namespace_(), "prod");
}

TEST(ParsePartialKeyTest, TakesAServiceAloneOrNothing) {
  EXPECT_EQ(ParsePartialKey("", "user")->service(), "user");
  EXPECT_EQ(ParsePartialKey("", "user/u1")->id(), "u1");
  EXPECT_TRUE(ParsePartialKey("", "")->service().empty());
  EXPECT_FALSE(ParsePartialKey("", "a/b/c").ok());
}

TEST(ParseEndpointTest, TakesNamesAndIpv6) {
  const auto named = ParseEndpoint("grpc=10.0.0.1:9000");
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->name(), "grpc");
  EXPECT_EQ(named->address(), "10.0.0.1");
  EXPECT_EQ(named->port(), 9000u);
  EXPECT_EQ(ParseEndpoint("[::1]:80")->address(), "::1");
}

TEST(ParseEndpointTest, RefusesWhatCannotBeCalled) {
  for (const char* text : {"host", "host:", ":80", "host:0", "host:65536", "::1:80", "host:http"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseEndpoint(text).status())) << text;
  }
}

TEST(ParseServersTest, SplitsAtCommas) {
  EXPECT_THAT(*ParseServers("a:1, b:2"), ::testing::ElementsAre("a:1", "b:2"));
  EXPECT_FALSE(ParseServers("").ok());
  EXPECT_FALSE(ParseServers("a").ok());
}

TEST(AddMetadataTest, ValuesMayHoldEqualsSigns) {
  v1::InstanceSpec spec;
  ASSERT_TRUE(AddMetadata("k=a=b", spec).ok());
  ASSERT_TRUE(AddMetadata("empty=", spec).ok());
  EXPECT_EQ(spec.metadata().at("k"), "a=b");
  EXPECT_EQ(spec.metadata().at("empty"), "");
  EXPECT_FALSE(AddMetadata("k", spec).ok());
  EXPECT_FALSE(AddMetadata("=v", spec).ok());
}

TEST(ParseSpanTest, NamesTheOption) {
  EXPECT_THAT(std::string(ParseSpan("--for", "soon").status().message()),
              ::testing::StartsWith("--for: "));
  EXPECT_FALSE(ParseSpan("--for", "0s").ok());
}

}  // namespace
}  // namespace rollcall::cli
