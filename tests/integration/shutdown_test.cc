// Stopping a registry: clients are sent elsewhere first, and nobody is suspected for it.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

TEST(ShutdownTest, SendsClientsElsewhereExitsWithZeroAndLeavesNoSuspicion) {
  Registry registry({"--drain-time", "1s"});
  uint64_t revision = 0;
  {
    RawClient client(registry);
    Session session(client, Registration({Spec("user", "u1")}, kLong));
    Watch watch(client, "user");
    revision = client.Revision();
    const Stopwatch since_signal;
    registry.process().Signal(SIGTERM);
    session.stream().Await("move_to", [](const auto& m) { return m.has_move_to(); });
    EXPECT_EQ(session.stream().End().error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(watch.stream().End().error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(registry.process().Wait(), 0);
    EXPECT_LT(since_signal.elapsed(), absl::Seconds(30));
  }
  EXPECT_FALSE(std::filesystem::exists(registry.ready_file()));

  registry.Start();
  RawClient client(registry);
  EXPECT_EQ(client.Revision(), revision) << "stopping wrote something";
  EXPECT_EQ(client.StandingOf("user", "u1"), v1::STANDING_PASSING);
}

// The machine stops for longer than anybody waits for a drain; then everything happens at once.
TEST(ShutdownTest, APauseWhileDrainingDoesNoHarm) {
  for (int round = 0; round < 3; ++round) {
    Registry registry({"--drain-time", "2s"});
    RawClient client(registry);
    Session session(client, Registration({Spec("user", "u1")}, kLong));
    registry.process().Signal(SIGTERM);
    registry.process().AwaitOutput("shutting down");
    registry.process().Freeze();
    EXPECT_EQ(registry.process().Wait(absl::Seconds(3)), std::nullopt);
    registry.process().Thaw();
    EXPECT_EQ(registry.process().Wait(), 0);
  }
}

TEST(ShutdownTest, WithoutClientsIsQuick) {
  Registry registry({"--drain-time", "30s"});
  const Stopwatch since_signal;
  registry.process().Signal(SIGTERM);
  EXPECT_EQ(registry.process().Wait(), 0);
  EXPECT_LT(since_signal.elapsed(), absl::Seconds(20));
}

TEST(ShutdownTest, ASecondSignalEndsItAtOnce) {
  Registry registry({"--drain-time", "60s"});
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, kLong));
  registry.process().Signal(SIGTERM);
  registry.process().AwaitOutput("shutting down");
  EXPECT_EQ(registry.process().Wait(absl::Milliseconds(300)), std::nullopt);
  const Stopwatch since_signal;
  registry.process().Signal(SIGTERM);
  EXPECT_TRUE(registry.process().Wait().has_value());
  EXPECT_LT(since_signal.elapsed(), absl::Seconds(20));

  registry.Start();
  EXPECT_EQ(RawClient(registry).StandingOf("user", "u1"), v1::STANDING_PASSING);
}

// A log that nobody reads any more fills its pipe; that must not keep the process from ending.
TEST(ShutdownTest, EndsAlsoWhenNobodyReadsItsLog) {
  TempDir dir;
  const std::string pipe = dir.File("log");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int unread = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(fcntl(unread, F_SETPIPE_SZ, 4096), 4096);
  Registry registry({"--drain-time", "0s"}, "", pipe);
  RawClient client(registry);
  for (int i = 0; i < 60; ++i) {
    client.Register(Registration({Spec("user", "u" + std::to_string(i))}, kLong));
  }
  int waiting = 0;
  EXPECT_TRUE(Eventually([&] { return ioctl(unread, FIONREAD, &waiting) == 0 && waiting > 3500; }))
      << "the pipe holds only " << waiting << " bytes";
  registry.process().Signal(SIGTERM);
  EXPECT_EQ(registry.process().Wait(), 0);
  close(unread);
}

// Too long for the name of a socket: that one is made under the temporary directory.
TEST(ShutdownTest, LeavesNothingElsewhereWhenTheNameOfItsDataIsLong) {
  namespace fs = std::filesystem;
  TempDir dir;
  Registry registry({}, dir.File(std::string(120, 'x')));
  const auto sockets = [&] {
    const auto own = absl::StrCat("/proc/", registry.process().pid(), "/net/unix");
    std::istringstream lines(ReadFile(own));
    std::set<std::string> names;
    for (std::string line; std::getline(lines, line);) {
      const size_t at = line.find("/tmp/rollcalld-");
      if (at != line.npos) names.insert(line.substr(at));
    }
    return names;
  };
  const std::set<std::string> before = sockets();
  ASSERT_FALSE(before.empty());
  registry.process().Signal(SIGTERM);
  EXPECT_EQ(registry.process().Wait(), 0);
  // Other registries may run here; each removes its own.
  EXPECT_TRUE(std::any_of(before.begin(), before.end(), [](const std::string& socket) {
    return !fs::exists(fs::path(socket).parent_path());
  }));
}

TEST(ShutdownTest, NewSessionsAreRefusedWhileItDrains) {
  Registry registry({"--drain-time", "60s"});
  RawClient client(registry);
  Session session(client, Registration({Spec("user", "u1")}, kLong));
  registry.process().Signal(SIGTERM);
  registry.process().AwaitOutput("shutting down");
  std::unique_ptr<KeepAliveStream> stream;
  // The signal takes a moment to reach the sessions.
  ASSERT_TRUE(Eventually([&] {
    stream = OpenKeepAlive(client);
    stream->Send(OpenMessage(session.registered()));
    return !stream->Next().has_value();
  }));
  EXPECT_EQ(stream->End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace rollcall::integration
