#include "server/model/name_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "rollcall/v1/discovery.pb.h"

namespace rollcall {
namespace {

// What is refused on a watch is told in a field of Protobuf's, which holds whole characters alone:
// with half a one the message cannot be read, and the client's stream breaks.
TEST(NameRulesTest, ALongNameIsCutBetweenItsCharacters) {
  for (size_t before = 30; before < 42; ++before) {
    for (const char* character : {"ä", "€", "😀"}) {
      std::string name(before, 'a');
      for (int i = 0; i < 8; ++i) name += character;
      v1::WatchResponse told;
      told.mutable_error()->set_message(std::string(CheckName(name, "service").message()));
      EXPECT_TRUE(v1::WatchResponse().ParseFromString(told.SerializeAsString())) << name;
    }
  }
}

TEST(NameRulesTest, ACutNameSaysHowLongItWas) {
  EXPECT_EQ(Quoted("short"), "\"short\"");
  EXPECT_EQ(Quoted(std::string(40, 'a')), "\"" + std::string(40, 'a') + "\"");
  EXPECT_EQ(Quoted(std::string(41, 'a')), "\"" + std::string(40, 'a') + "…\" (41 bytes)");
}

}  // namespace
}  // namespace rollcall
