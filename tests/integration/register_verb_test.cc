// `rollcall register` as a process: how it ends, and what is left of its instance then.
#include <algorithm>
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

std::unique_ptr<Process> RegisterByHand(const Registry& registry,
                                        std::vector<std::string> through = {}) {
  std::vector<std::string> command = std::move(through);
  for (const std::string& word :
       {Registry::CliProgram(), std::string("--server"), registry.address(),
        std::string("register"), std::string("user"), std::string("u1"), std::string("--endpoint"),
        std::string("127.0.0.1:80")}) {
    command.push_back(word);
  }
  auto process = std::make_unique<Process>(std::move(command));
  process->AwaitOutput("Registered user/u1");
  return process;
}

TEST(RegisterVerbTest, AnySignalToEndDeregisters) {
  Registry registry;
  RawClient client(registry);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto process = RegisterByHand(registry);
    Watch watch(client, "user");
    process->Signal(signal);
    EXPECT_EQ(process->Wait(), 0) << signal;
    EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_DEREGISTERED) << signal;
  }
}

TEST(RegisterVerbTest, UnderNohupItOutlivesTheTerminal) {
  Registry registry;
  RawClient client(registry);
  const auto process = RegisterByHand(registry, {"/usr/bin/nohup"});
  Watch watch(client, "user");
  process->Signal(SIGHUP);
  EXPECT_EQ(process->Wait(absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(), 0);
  EXPECT_EQ(watch.UntilRemoved("u1"), v1::CAUSE_DEREGISTERED);
}

}  // namespace
}  // namespace rollcall::integration
