#include "client-sdk/src/server_list.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall::sdk {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Pair;
using ::testing::SizeIs;

class ServerListTest : public ::testing::Test {
 protected:
  // Which servers some calls of AnotherThan name, and how often.
  std::map<std::string, int> Others(ServerList& list, const std::string& than) {
    std::map<std::string, int> others;
    for (int i = 0; i < 300; ++i) ++others[list.AnotherThan(than)];
    return others;
  }
  base::SeededRandom random_{3};
};

TEST_F(ServerListTest, ClientsBeginAtARandomSeed) {
  std::map<std::string, int> at;
  for (int i = 0; i < 300; ++i) ++at[ServerList({"a:1", "b:1", "c:1"}, random_).preferred()];
  EXPECT_THAT(at, AllOf(SizeIs(3), Each(Pair(::testing::_, AllOf(Ge(70), Le(130))))));
}

TEST_F(ServerListTest, SeedsStayWhateverIsLearned) {
  ServerList list({"a:1"}, random_);
  list.Learn({"b:1"});
  list.Learn({"c:1"});
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list.AnotherThan("c:1"), "a:1");
  list.Learn({});
  EXPECT_EQ(list.size(), 2u);
}

TEST_F(ServerListTest, OneThatFailedIsLeftOutUntilAllHave) {
  ServerList list({"a:1", "b:1", "c:1"}, random_);
  list.Failed("b:1");
  EXPECT_THAT(Others(list, "a:1"), Each(Pair("c:1", 300)));
  list.Failed("c:1");
  EXPECT_THAT(list.AnotherThan("a:1"), AnyOf("b:1", "c:1"));
}

TEST_F(ServerListTest, WhenAllHaveFailedTheOneThatFailedFirstIsNext) {
  ServerList list({"a:1", "b:1", "c:1", "d:1"}, random_);
  for (const char* server : {"b:1", "c:1", "d:1"}) list.Failed(server);
  EXPECT_THAT(Others(list, "a:1"), ElementsAre(Pair("b:1", 300)));
  list.Failed("b:1");
  EXPECT_THAT(list.OthersThan("a:1"), ElementsAre("c:1", "d:1", "b:1"));
  list.Worked("d:1");
  EXPECT_THAT(list.OthersThan("a:1"), ElementsAre("d:1", "c:1", "b:1"));
}

TEST_F(ServerListTest, OneThatIsBackAmongTheLearnedIsTriedAgain) {
  ServerList list({"x:1"}, random_);
  list.Learn({"a:1", "b:1", "c:1"});
  list.Failed("x:1");
  list.Failed("b:1");
  list.Learn({"a:1", "c:1"});
  EXPECT_THAT(Others(list, "a:1"), Each(Pair("c:1", 300)));
  list.Learn({"a:1", "b:1", "c:1"});
  EXPECT_THAT(Others(list, "a:1"), SizeIs(2));
}

// Whatever the seeds were, and whoever comes and goes.
TEST_F(ServerListTest, ClientsSpreadEvenlyOverWhatTheyLearn) {
  std::vector<ServerList> clients;
  clients.reserve(1200);
  for (int i = 0; i < 1200; ++i) clients.emplace_back(std::vector<std::string>{"a:1"}, random_);
  const auto learn = [&](const std::vector<std::string>& servers) {
    std::map<std::string, int> at;
    for (ServerList& client : clients) {
      client.Learn(servers);
      ++at[client.preferred()];
    }
    return at;
  };
  EXPECT_THAT(learn({"a:1", "b:1"}),
              AllOf(SizeIs(2), Each(Pair(::testing::_, AllOf(Ge(540), Le(660))))));
  EXPECT_THAT(learn({"a:1", "b:1", "c:1", "d:1"}),
              AllOf(SizeIs(4), Each(Pair(::testing::_, AllOf(Ge(240), Le(360))))));
}

TEST_F(ServerListTest, WhoSpreadsIsToldAndOthersAreNot) {
  int moved = 0;
  int told = 0;
  for (int i = 0; i < 300; ++i) {
    ServerList list({"a:1", "b:1"}, random_);
    list.OnSpread([&] { ++told; });
    const std::string before = list.preferred();
    list.Learn({"a:1", "b:1"});
    EXPECT_EQ(list.preferred(), before);
    list.Learn({"a:1", "b:1", "c:1"});
    moved += list.preferred() == before ? 0 : 1;
  }
  EXPECT_EQ(told, moved);
  EXPECT_GE(moved, 70);
  EXPECT_LE(moved, 130);
}

}  // namespace
}  // namespace rollcall::sdk
