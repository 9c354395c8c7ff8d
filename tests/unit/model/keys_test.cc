#include "server/model/keys.h"

#include <gtest/gtest.h>

#include <variant>

#include "server/model/times.h"

namespace rollcall {
namespace {

TEST(KeysTest, ParseGivesBackWhatWasEncoded) {
  const InstanceName name{{"ns", "svc"}, "a:1"};
  EXPECT_EQ(std::get<InstanceName>(*ParseKey(InstanceKeyOf(name))), name);
  EXPECT_EQ(std::get<OverrideName>(*ParseKey(OverrideKeyOf(name))).instance, name);
  EXPECT_EQ(std::get<ServiceName>(*ParseKey(ServiceKeyOf(name.service))), name.service);
  EXPECT_EQ(std::get<SessionId>(*ParseKey(SessionKeyOf(SessionId("ab")))), SessionId("ab"));
  EXPECT_TRUE(std::holds_alternative<HorizonName>(*ParseKey(kHorizonKey)));
}

TEST(KeysTest, UnknownShapesAreRefused) {
  for (const char* bad :
       {"", "x/1", "i/ns/svc", "i/ns/svc/id/more", "s/a/b", "v/ns", "m/other", "ii/a/b/c", "s"}) {
    EXPECT_FALSE(ParseKey(bad).has_value()) << bad;
  }
}

TEST(TimesTest, RoundTripKeepsNanoseconds) {
  const absl::Time time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  EXPECT_EQ(FromProto(ToProto(time)), time);
  const absl::Duration duration = absl::Nanoseconds(1'500'000'001);
  EXPECT_EQ(FromProto(ToProto(duration)), duration);
}

}  // namespace
}  // namespace rollcall
