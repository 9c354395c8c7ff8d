#include "server/app/config/command_line.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall::config {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CommandLineTest : public ::testing::Test {
 protected:
  std::string File(const std::string& yaml) {
    const std::string path =
        absl::StrCat(::testing::TempDir(), "/rollcalld-", ++files_, "-",
                     ::testing::UnitTest::GetInstance()->random_seed(), "-", getpid(), ".yaml");
    std::ofstream(path) << yaml;
    made_.push_back(path);
    return path;
  }
  void TearDown() override {
    for (const std::string& path : made_) std::filesystem::remove(path);
  }
  Config Read(std::vector<std::string> arguments, Environment environment = {}) {
    CommandLine line = ReadCommandLine(std::move(arguments), environment);
    EXPECT_FALSE(line.answer.has_value()) << line.answer->err;
    return line.config;
  }
  std::string Refused(std::vector<std::string> arguments, Environment environment = {}) {
    const CommandLine line = ReadCommandLine(std::move(arguments), environment);
    if (!line.answer) return "accepted";
    EXPECT_EQ(line.answer->exit_code, 2);
    EXPECT_EQ(line.answer->out, "");
    return line.answer->err;
  }

 private:
  int files_ = 0;
  std::vector<std::string> made_;
};

TEST_F(CommandLineTest, NothingSaidGivesTheDefaults) {
  const Config config = Read({});
  EXPECT_EQ(config.data, "./data");
  EXPECT_THAT(config.listen, ElementsAre(Address{"127.0.0.1", 7400}));
  EXPECT_EQ(config.default_ttl, absl::Seconds(10));
}

TEST_F(CommandLineTest, AFlagBeatsTheEnvironmentBeatsTheFileBeatsTheDefault) {
  const std::string file = File("data: from-file\nlog-level: error\nnode-id: from-file\n");
  const Environment environment = {{"ROLLCALL_DATA", "from-env"}, {"ROLLCALL_LOG_LEVEL", "debug"}};
  const Config config =
      Read({"--config", file, "--data", "from-flag", "--set", "min-ttl=2s"}, environment);
  EXPECT_EQ(config.data, "from-flag");
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_EQ(config.node_id, "from-file");
  EXPECT_EQ(config.min_ttl, absl::Seconds(2));
  EXPECT_EQ(config.max_ttl, absl::Minutes(10));
}

TEST_F(CommandLineTest, TheFileCanBeNamedInTheEnvironment) {
  EXPECT_EQ(Read({}, {{"ROLLCALL_CONFIG", File("data: here\n")}}).data, "here");
}

TEST_F(CommandLineTest, ListenAddsUpAndFlagsTakeEqualsSigns) {
  EXPECT_THAT(Read({"--listen", "127.0.0.1:1", "--listen=[::1]:2,127.0.0.1:3"}).listen,
              ElementsAre(Address{"127.0.0.1", 1}, Address{"::1", 2}, Address{"127.0.0.1", 3}));
  EXPECT_THAT(Read({"--config", File("listen: [127.0.0.1:1, 127.0.0.1:2]\n")}).listen,
              ElementsAre(Address{"127.0.0.1", 1}, Address{"127.0.0.1", 2}));
}

TEST_F(CommandLineTest, SwitchesNeedNoValue) {
  EXPECT_TRUE(Read({"--insecure", "--data", "d"}).insecure);
  EXPECT_FALSE(Read({"--insecure=false"}).insecure);
  EXPECT_TRUE(Read({"--set", "insecure=yes"}).insecure);
}

TEST_F(CommandLineTest, AFlagWithoutItsValueIsRefused) {
  EXPECT_THAT(Refused({"--listen"}), StartsWith("rollcalld: --listen needs a value;"));
  EXPECT_THAT(Refused({"--data", "--insecure"}), HasSubstr(" --data needs a value;"));
  EXPECT_THAT(Refused({"--data", "--"}), HasSubstr(" --data needs a value;"));
  EXPECT_THAT(Refused({"--data=", "elsewhere"}), HasSubstr(" --data needs a value;"));
  EXPECT_THAT(Refused({"--insecure="}), HasSubstr(" --insecure needs a value;"));
  EXPECT_THAT(Refused({"--config"}), HasSubstr(" --config needs a value;"));
  EXPECT_THAT(Refused({"--set", "--help"}), HasSubstr(" --set needs a value;"));
}

TEST_F(CommandLineTest, AValueThatLooksLikeAFlagNeedsAnEqualsSign) {
  EXPECT_EQ(Read({"--data=--x"}).data, "--x");
  EXPECT_EQ(Read({"--data", "-x"}).data, "-x");
}

TEST_F(CommandLineTest, UnknownNamesAreRefusedWithTheNearest) {
  EXPECT_THAT(Refused({"--lisen", "127.0.0.1:1"}),
              HasSubstr("there is no option \"--lisen\"; did you mean \"--listen\"?"));
  EXPECT_THAT(Refused({"--set", "datta=x"}),
              HasSubstr("--set: there is no option \"datta\"; did you mean \"data\"?"));
  const std::string file = File("# first\nlog_level: debug\n");
  EXPECT_THAT(
      Refused({"--config", file}),
      HasSubstr(file + ":2: there is no option \"log_level\"; did you mean \"log-level\"?"));
  EXPECT_THAT(Refused({"serve"}), HasSubstr("unexpected \"serve\""));
}

TEST_F(CommandLineTest, AVariableThatLooksMistypedIsWarnedOf) {
  const CommandLine line =
      ReadCommandLine({}, {{"ROLLCALL_LOG_LEVL", "debug"}, {"ROLLCALL_SERVICE_HOST", "10.0.0.1"}});
  EXPECT_FALSE(line.answer.has_value());
  EXPECT_THAT(line.warnings, ElementsAre("ROLLCALL_LOG_LEVL is not an option and is ignored; did "
                                         "you mean ROLLCALL_LOG_LEVEL?"));
}

TEST_F(CommandLineTest, ErrorsNameOptionValueOriginAndRule) {
  EXPECT_THAT(Refused({"--default-ttl", "11m"}),
              HasSubstr("rollcalld: --default-ttl: \"11m\" is not within 1s to 10m"));
  EXPECT_THAT(Refused({}, {{"ROLLCALL_HISTORY_SIZE", "lots"}}),
              HasSubstr("ROLLCALL_HISTORY_SIZE: history-size: \"lots\" is not a size such as"));
  EXPECT_THAT(Refused({"--log-format", "xml"}), HasSubstr("is not one of auto, text, json"));
  EXPECT_THAT(Refused({"--listen", "foo"}), StartsWith("rollcalld: --listen: \"foo\" is not "));
  EXPECT_THAT(Refused({"--set", "listen=foo"}), HasSubstr("--set: listen: \"foo\" is not "));
  EXPECT_THAT(Refused({"--data", "a", "--data", "b"}),
              HasSubstr("rollcalld: --data: given twice, \"a\" and \"b\""));
  EXPECT_THAT(Refused({"--publishers", "-3"}), HasSubstr("--publishers: \"-3\""));
  EXPECT_THAT(Refused({"--data", "a", "--set", "data=b"}),
              HasSubstr("data: given twice, \"a\" and \"b\""));
  EXPECT_THAT(Refused({"--set", "data"}), HasSubstr("is not OPTION=VALUE"));
}

TEST_F(CommandLineTest, ARuleOverSeveralOptionsSaysWhereEachWasSaid) {
  const std::string file = File("default-ttl: 5s\nmin-ttl: 8s\n");
  EXPECT_THAT(Refused({"--config", file, "--min-ttl", "20s"}, {{"ROLLCALL_MAX_TTL", "30s"}}),
              EndsWith(absl::StrCat(
                  " (set here: min-ttl by --min-ttl, max-ttl by ROLLCALL_MAX_TTL, default-ttl by ",
                  file, ":1)\n")));
  EXPECT_THAT(Refused({"--min-ttl", "20s"}), EndsWith(" (set here: min-ttl by --min-ttl)\n"));
  // "http" is an option too, but not in an address.
  EXPECT_THAT(Refused({"--store", "etcd", "--http", "127.0.0.1:1"}),
              EndsWith(" (set here: store by --store)\n"));
}

TEST_F(CommandLineTest, AClusterNeedsItsStore) {
  EXPECT_THAT(Refused({"--store", "etcd"}), HasSubstr("etcd: store etcd needs the members'"));
  EXPECT_THAT(Refused({"--store", "etcd", "--etcd", "10.0.0.1"}), HasSubstr("etcd: \"10.0.0.1\""));
  EXPECT_THAT(Refused({"--etcd", "http://127.0.0.1:2379"}), HasSubstr("give store etcd too"));
  const std::vector<std::string> good = {"--store", "etcd", "--etcd", "http://127.0.0.1:2379"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), good.begin(), good.end());
    return more;
  };
  EXPECT_THAT(Refused(with({"--etcd-prefix", "/x"})), HasSubstr("does not end with /"));
  EXPECT_THAT(Refused(with({"--etcd-prefix", "/"})),
              HasSubstr("etcd-prefix: \"/\" would claim all that others keep in etcd"));
  EXPECT_THAT(Refused(with({"--etcd-prefix", "//"})), HasSubstr("a place of its own"));
  EXPECT_THAT(Refused(with({"--audit-interval", "5s"})), HasSubstr("6s to 24h"));
  EXPECT_THAT(Refused(with({"--etcd-user", "u"})), HasSubstr("etcd-password-file"));
  EXPECT_THAT(Refused(with({"--etcd-cert", "c.pem"})), HasSubstr("etcd-key"));
  EXPECT_THAT(Refused(with({"--advertise", "here:0"})), HasSubstr("port 0"));
  EXPECT_THAT(Refused(with({"--presence-lease", "1s"})), HasSubstr("2s to 60s"));
}

TEST_F(CommandLineTest, OffLoopbackNeedsTlsOrInsecure) {
  EXPECT_THAT(Refused({"--listen", "0.0.0.0:7400"}),
              HasSubstr("listen: \"0.0.0.0:7400\" can be reached from other machines"));
  Read({"--listen", "0.0.0.0:7400", "--insecure"});
  Read({"--listen", "0.0.0.0:7400", "--tls-cert", "c", "--tls-key", "k"});
}

TEST_F(CommandLineTest, HttpOffLoopbackNeedsInsecureAlsoWhenGrpcHasTls) {
  const std::string refusal =
      "http: \"0.0.0.0:7401\" can be reached from other machines, and HTTP is plain";
  EXPECT_THAT(Refused({"--http", "0.0.0.0:7401"}), HasSubstr(refusal));
  EXPECT_THAT(Refused({"--http", "0.0.0.0:7401", "--tls-cert", "c", "--tls-key", "k"}),
              HasSubstr(refusal));
  EXPECT_EQ(Read({"--http", "0.0.0.0:7401", "--insecure"}).http, (Address{"0.0.0.0", 7401}));
  Read({"--http", "0.0.0.0:7401", "--tls-cert", "c", "--tls-key", "k", "--insecure"});
  Read({"--http", "localhost:7401"});
  EXPECT_THAT(ReadCommandLine({"--help"}, {}).answer->out, HasSubstr("Plain HTTP, never TLS"));
}

TEST_F(CommandLineTest, OptionsThatBelongTogetherAreChecked) {
  EXPECT_THAT(Refused({"--tls-cert", "c"}), HasSubstr("give both tls-cert and tls-key"));
  EXPECT_THAT(Refused({"--tls-ca", "c"}), HasSubstr("tls-ca"));
  EXPECT_THAT(Refused({"--tls-client-auth"}), HasSubstr("needs tls-cert, tls-key and tls-ca"));
  EXPECT_THAT(Refused({"--min-ttl", "20s"}), HasSubstr("default-ttl: \"10s\" is not within"));
  EXPECT_THAT(Refused({"--min-ttl", "5s", "--max-ttl", "2s"}),
              HasSubstr("min-ttl: \"5s\" is above"));
  EXPECT_THAT(Refused({"--http", "127.0.0.1:7400"}), HasSubstr("is taken by listen"));
  EXPECT_THAT(Refused({"--http", "node.example:1"}), HasSubstr("is not an IP address"));
  EXPECT_THAT(Refused({"--node-id", "Node A"}), HasSubstr("node-id: \"Node A\" is not a name"));
  EXPECT_THAT(Refused({"--data", ""}), HasSubstr("data: needs a directory"));
}

TEST_F(CommandLineTest, BrokenFilesAreRefusedWithTheLine) {
  EXPECT_THAT(Refused({"--config", "/nowhere/at/all.yaml"}), HasSubstr("cannot be read"));
  EXPECT_THAT(Refused({"--config", File("data: [\n")}), HasSubstr(".yaml:2: "));
  EXPECT_THAT(Refused({"--config", File("just words\n")}), HasSubstr("is not a map"));
  EXPECT_THAT(Refused({"--config", File("data: a\ndata: b\n")}),
              HasSubstr(".yaml:2: data: stands here twice"));
  EXPECT_THAT(Refused({"--config", File("data:\n  nested: 1\n")}),
              HasSubstr(".yaml:1: data: needs a value"));
  EXPECT_THAT(Refused({"--config", File("data:\n")}), HasSubstr(".yaml:1: data: needs a value"));
}

TEST_F(CommandLineTest, PrintConfigNamesEverySourceAndCanBeReadAgain) {
  const std::string file = File("history-keep: 2d\n");
  const CommandLine line =
      ReadCommandLine({"--config", file, "--data", "a \"b\"", "--print-config"},
                      {{"ROLLCALL_HTTP", "127.0.0.1:0"}});
  ASSERT_TRUE(line.answer.has_value());
  EXPECT_EQ(line.answer->exit_code, 0);
  EXPECT_THAT(line.answer->out, HasSubstr("# --data\n"));
  EXPECT_THAT(line.answer->out, HasSubstr("# ROLLCALL_HTTP\n"));
  EXPECT_THAT(line.answer->out, HasSubstr("# " + file + ":1\n"));
  EXPECT_THAT(line.answer->out, HasSubstr("log-level: \"info\""));
  const Config again = Read({"--config", File(line.answer->out)});
  EXPECT_EQ(again.data, "a \"b\"");
  EXPECT_EQ(again.history_keep, absl::Hours(48));
}

TEST_F(CommandLineTest, CheckConfigTellsGoodFromBad) {
  const std::string good = File("data: here\n");
  CommandLine line = ReadCommandLine({"check-config", good}, {});
  EXPECT_EQ(line.answer->exit_code, 0);
  EXPECT_EQ(line.answer->out, good + ": ok\n");
  line = ReadCommandLine({"check-config", File("data: here\nttl: 1s\n")}, {});
  EXPECT_EQ(line.answer->exit_code, 1);
  EXPECT_THAT(line.answer->err, HasSubstr(":2: there is no option \"ttl\""));
  EXPECT_EQ(ReadCommandLine({"check-config"}, {}).answer->exit_code, 2);
}

TEST_F(CommandLineTest, HelpAndVersionNeedNoValidConfiguration) {
  const Environment bad = {{"ROLLCALL_STORE", "none"}};
  EXPECT_THAT(ReadCommandLine({"--help"}, bad).answer->out, HasSubstr("examples:"));
  EXPECT_THAT(ReadCommandLine({"--version"}, bad).answer->out, StartsWith("rollcalld "));
  EXPECT_THAT(ReadCommandLine({"--print-metrics-doc"}, bad).answer->out, StartsWith("# Metrics"));
}

}  // namespace
}  // namespace rollcall::config
