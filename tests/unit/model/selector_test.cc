#include "server/model/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/model/limits.h"

namespace rollcall {
namespace {

using ::testing::HasSubstr;

v1::InstanceSpec Spec() {
  v1::InstanceSpec spec;
  spec.set_version("2.1");
  spec.mutable_locality()->set_region("eu");
  spec.mutable_locality()->set_zone("a");
  (*spec.mutable_metadata())["canary"] = "yes";
  return spec;
}

bool Matches(const std::string& text) { return Selector::Parse(text)->Matches(Spec()); }

TEST(SelectorTest, EveryTermMustHold) {
  EXPECT_TRUE(Matches(""));
  EXPECT_TRUE(Matches("zone=a"));
  EXPECT_TRUE(Matches("zone=a, region=eu ,version=2.1"));
  EXPECT_FALSE(Matches("zone=a,region=us"));
  EXPECT_TRUE(Matches("zone!=b"));
  EXPECT_FALSE(Matches("zone!=a"));
  EXPECT_TRUE(Matches("meta.canary=yes"));
  EXPECT_FALSE(Matches("meta.canary!=yes"));
}

TEST(SelectorTest, MissingValueEqualsTheEmptyOne) {
  EXPECT_TRUE(Matches("sub_zone="));
  EXPECT_TRUE(Matches("meta.absent="));
  EXPECT_TRUE(Matches("meta.absent!=x"));
  EXPECT_FALSE(Matches("meta.absent=x"));
}

TEST(SelectorTest, ValuesMayHoldEqualSigns) {
  v1::InstanceSpec spec;
  (*spec.mutable_metadata())["k"] = "a=b";
  EXPECT_TRUE(Selector::Parse("meta.k=a=b")->Matches(spec));
}

TEST(SelectorTest, RefusalNamesThePart) {
  for (const char* bad : {"zone", "zone=a,", "colour=red", "meta.=x", "=x", "zone=a,,region=b"}) {
    const auto parsed = Selector::Parse(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("selector"));
  }
  EXPECT_FALSE(Selector::Parse("version=" + std::string(kMaxSelectorBytes, 'x')).ok());
}

TEST(SelectorTest, CanonicalFormDoesNotDependOnOrderOrSpaces) {
  EXPECT_EQ(Selector::Parse("zone=a,region=b")->canonical(),
            Selector::Parse(" region=b , zone=a ")->canonical());
  EXPECT_NE(Selector::Parse("zone=a")->canonical(), Selector::Parse("zone!=a")->canonical());
  // A name may end in what stands before the sign.
  EXPECT_NE(Selector::Parse("meta.a! =b")->canonical(), Selector::Parse("meta.a!=b")->canonical());
}

}  // namespace
}  // namespace rollcall
