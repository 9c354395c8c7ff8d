#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/app/offline/offline_line.h"

namespace rollcall::app {
namespace {

using ::testing::HasSubstr;
using Verb = OfflineLine::Verb;

OfflineLine Read(const std::vector<std::string>& arguments,
                 const config::Environment& environment = {}) {
  return ReadOfflineLine(arguments, environment);
}
std::string WrongUse(const std::vector<std::string>& arguments) {
  const OfflineLine line = Read(arguments);
  if (!line.answer) return "understood";
  EXPECT_EQ(line.answer->exit_code, 2);
  return line.answer->err;
}

TEST(OfflineLineTest, OnlyItsOwnVerbsAreForHere) {
  EXPECT_TRUE(IsOffline({"restore", "x"}));
  EXPECT_TRUE(IsOffline({"migrate"}));
  EXPECT_FALSE(IsOffline({}));
  EXPECT_FALSE(IsOffline({"--data", "restore"}));
  EXPECT_FALSE(IsOffline({"check-config", "restore"}));
}

TEST(OfflineLineTest, AFileGoesIntoADataDirectory) {
  const OfflineLine line = Read({"restore", "--data", "d", "b.rcb"});
  ASSERT_FALSE(line.answer) << line.answer->err;
  EXPECT_EQ(line.verb, Verb::kRestore);
  EXPECT_EQ(line.file, "b.rcb");
  EXPECT_EQ(line.config.data, "d");
  EXPECT_FALSE(line.config.cluster());
  EXPECT_FALSE(line.force);
  EXPECT_TRUE(Read({"restore", "b.rcb", "--force", "--data=d"}).force);
}

TEST(OfflineLineTest, NamingEtcdIsEnoughToMeanACluster) {
  const OfflineLine line =
      Read({"restore", "b.rcb", "--etcd", "http://10.0.0.1:2379", "--etcd-prefix", "/x/"});
  ASSERT_FALSE(line.answer) << line.answer->err;
  EXPECT_TRUE(line.config.cluster());
  EXPECT_EQ(line.config.etcd_prefix, "/x/");
  EXPECT_TRUE(Read({"restore", "b.rcb", "--store=etcd", "--etcd=http://h:1"}).config.cluster());
}

TEST(OfflineLineTest, TheEnvironmentOfTheNodeIsUnderstood) {
  const OfflineLine line = Read({"restore", "b.rcb"}, {{"ROLLCALL_DATA", "/var/lib/x"}});
  ASSERT_FALSE(line.answer) << line.answer->err;
  EXPECT_EQ(line.config.data, "/var/lib/x");
}

// A cluster's node has a data directory too; whoever names it means no cluster.
TEST(OfflineLineTest, ThePlaceOfTheCommandLineIsMeant) {
  const config::Environment cluster = {{"ROLLCALL_STORE", "etcd"}, {"ROLLCALL_ETCD", "http://h:1"}};
  EXPECT_TRUE(Read({"restore", "b.rcb"}, cluster).config.cluster());
  const OfflineLine line = Read({"restore", "b.rcb", "--data", "d"}, cluster);
  EXPECT_TRUE(line.answer || !line.config.cluster());
  EXPECT_THAT(WrongUse({"restore", "b.rcb", "--data", "d", "--etcd", "http://h:1"}),
              HasSubstr("name one place"));
}

TEST(OfflineLineTest, ThePlaceHasToBeNamed) {
  EXPECT_THAT(WrongUse({"restore", "b.rcb"}), HasSubstr("--data DIR or --etcd URLS"));
  EXPECT_THAT(WrongUse({"migrate", "--from", "embedded", "--to", "etcd", "--etcd", "http://h:1"}),
              HasSubstr("--data DIR"));
}

TEST(OfflineLineTest, MigratingGoesFromOneMachineToACluster) {
  const OfflineLine line = Read({"migrate", "--from=embedded", "--data", "d", "--to", "etcd",
                                 "--etcd", "http://h:1", "--force"});
  ASSERT_FALSE(line.answer) << line.answer->err;
  EXPECT_EQ(line.verb, Verb::kMigrate);
  EXPECT_EQ(line.config.data, "d");
  EXPECT_TRUE(line.config.cluster());
  EXPECT_TRUE(line.force);
  EXPECT_THAT(WrongUse({"migrate", "--from", "etcd", "--to", "embedded", "--data", "d"}),
              HasSubstr("backup"));
  EXPECT_THAT(WrongUse({"migrate", "--data", "d"}), HasSubstr("--from embedded --to etcd"));
}

TEST(OfflineLineTest, MistakesSayWhatIsWrong) {
  EXPECT_THAT(WrongUse({"restore", "--data", "d"}), HasSubstr("needs one FILE"));
  EXPECT_THAT(WrongUse({"restore", "a", "b", "--data", "d"}), HasSubstr("needs one FILE"));
  EXPECT_THAT(WrongUse({"restore", "a", "--dtaa", "d"}), HasSubstr("rollcalld"));
  EXPECT_THAT(WrongUse({"restore", "a", "--data", "d", "--from", "embedded"}),
              HasSubstr("for migrate"));
  EXPECT_THAT(WrongUse({"migrate", "a"}), HasSubstr("unexpected \"a\""));
  EXPECT_THAT(WrongUse({"migrate", "--from"}), HasSubstr("--from needs a value"));
}

TEST(OfflineLineTest, HelpTellsBothWays) {
  const OfflineLine line = Read({"restore", "--help"});
  ASSERT_TRUE(line.answer);
  EXPECT_EQ(line.answer->exit_code, 0);
  EXPECT_THAT(line.answer->out, HasSubstr("--force"));
  EXPECT_THAT(Read({"migrate", "-h"}).answer->out, HasSubstr("--from embedded"));
}

}  // namespace
}  // namespace rollcall::app
