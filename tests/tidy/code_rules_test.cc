// What code may not say, and where it may say it after all.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/tidy/source_tree.h"

namespace rollcall::tidy {
namespace {

// Words that belong to a few homes only.
struct HomeRule {
  const char* name;
  std::vector<std::string_view> words;
  std::vector<std::string_view> homes;  // path prefixes
  const char* instead;
};

// Real programs and the tests that run them live in real time.
const std::vector<HomeRule>& HomeRules() {
  static const auto& rules = *new std::vector<HomeRule>{
      {"clocks",
       {"absl::Now(", "GetCurrentTimeNanos", "chrono::system_clock", "chrono::steady_clock",
        "high_resolution_clock", "time(nullptr)", "time(NULL)", "gettimeofday", "clock_gettime"},
       // gRPC's Shutdown wants its deadline by the wall clock.
       {"client-sdk/base/system_clock.", "client-sdk/base/thread_executor.",
        "client-sdk/base/mutex.", "server/rpc/grpc/grpc_server.cc", "examples/",
        "tests/integration/", "tests/bench/", "tests/unit/cli/fake_registry.h", "tests/tidy/"},
       "ask the base::Clock that is handed in"},
      {"realClocks",
       {"SystemClock"},
       {"client-sdk/base/system_clock.", "client-sdk/src/client.cc", "server/main.cc",
        "server/app/", "cli/main.cc", "examples/", "tests/"},
       "only main functions, the composition root and the SDK's Client make one"},
      {"sleeps",
       {"sleep_for", "sleep_until", "SleepFor", "usleep(", "nanosleep(", "sleep("},
       {"examples/", "tests/tidy/"},
       "post at a time with the base::Executor that is handed in, or wait for an event"},
      {"chance",
       {"rand(", "srand(", "random_device", "mt19937", "BitGen", "RAND_bytes", "getrandom("},
       {"client-sdk/base/random.", "tests/tidy/"},
       "ask the base::Random that is handed in"},
      {"locks",
       {"std::mutex", "std::shared_mutex", "std::recursive_mutex", "std::lock_guard",
        "std::unique_lock", "std::scoped_lock", "absl::Mutex"},
       // spdlog names its lock by type; examples are programs of users.
       {"client-sdk/base/mutex.", ".cmake/tsan/", "server/observe/log.cc", "examples/",
        "tests/tidy/"},
       "use base::Mutex: ThreadSanitizer and clang's analysis follow it"},
      {"gRPC",
       {"grpcpp/", "grpc/", ".grpc.pb.h"},
       {"server/rpc/grpc/", "server/store/etcd/grpc/", "server/app/", "server/main.cc", "cli/",
        "client-sdk/src/grpc_", "tests/", "examples/", ".cmake/tsan/"},
       "only the edges know gRPC"},
      {"RocksDB",
       {"rocksdb/"},
       {"server/store/embedded/", "tests/"},
       "only the embedded store knows it"},
  };
  return rules;
}

bool IsHome(const HomeRule& rule, const SourceFile& file) {
  return std::any_of(rule.homes.begin(), rule.homes.end(),
                     [&](std::string_view home) { return file.IsUnder(home); });
}

class CodeRules : public ::testing::TestWithParam<size_t> {};

TEST_P(CodeRules, WordsStayAtHome) {
  const HomeRule& rule = HomeRules()[GetParam()];
  const bool is_include = rule.words.front().find('/') != std::string_view::npos;
  const Breaches breaches = LinesThat(
      [&](const SourceFile& file) { return file.IsCode() && !IsHome(rule, file); },
      [&](std::string_view line) {
        const std::string_view code = CodeOf(line);
        if (is_include && !code.starts_with("#include")) return false;
        return std::any_of(rule.words.begin(), rule.words.end(), [&](std::string_view word) {
          // In an include, our own folder rpc/grpc is not the library.
          if (is_include && word == "grpc/") {
            return code.starts_with("#include <grpc/") || code.starts_with("#include \"grpc/");
          }
          return is_include ? code.find(word) != std::string_view::npos : HasWord(code, word);
        });
      });
  EXPECT_TRUE(breaches.empty()) << rule.name << ": " << rule.instead << Joined(breaches);
}

INSTANTIATE_TEST_SUITE_P(All, CodeRules, ::testing::Range<size_t>(0, HomeRules().size()),
                         [](const auto& info) {
                           return std::string(HomeRules()[info.param].name);
                         });

// Written in two halves, or this file would break its own rules.
const std::vector<std::string>& UnfinishedWords() {
  static const auto& words = *new std::vector<std::string>{
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X:",
      "HA"
      "CK:"};
  return words;
}
const std::vector<std::string>& MachinePaths() {
  static const auto& words = *new std::vector<std::string>{
      "/wo"
      "rk/",
      "/ro"
      "ot/",
      "/ho"
      "me/"};
  return words;
}

bool HasAny(std::string_view line, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return HasWord(line, word); });
}

TEST(TextRules, NothingIsLeftForLater) {
  const Breaches breaches =
      LinesThat([](const SourceFile&) { return true; },
                [](std::string_view line) { return HasAny(line, UnfinishedWords()); });
  EXPECT_TRUE(breaches.empty()) << "do it, or open an issue" << Joined(breaches);
}

TEST(TextRules, NoPathsOfOneMachine) {
  const Breaches breaches =
      LinesThat([](const SourceFile&) { return true; },
                [](std::string_view line) { return HasAny(line, MachinePaths()); });
  EXPECT_TRUE(breaches.empty()) << "paths are relative to the repository" << Joined(breaches);
}

TEST(TextRules, TheLockFileNamesNoRegistry) {
  const Breaches breaches =
      LinesThat([](const SourceFile& file) { return file.path == "package-lock.json"; },
                [](std::string_view line) { return line.find("\"resolved\"") != line.npos; });
  EXPECT_TRUE(breaches.empty()) << "see .npmrc" << Joined(breaches);
}

}  // namespace
}  // namespace rollcall::tidy
