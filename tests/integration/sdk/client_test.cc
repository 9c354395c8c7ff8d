// The public API against a real registry: real gRPC, real threads, real time.
#include <fcntl.h>
#include <rollcall/client.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/cache_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kNobody[] = "127.0.0.1:1";

std::unique_ptr<Client> Connect(const std::string& server, const std::string& cache = "") {
  ClientOptions options;
  options.servers = {server};
  options.cache_directory = cache;
  options.client_name = "sdk-test";
  options.log = [](LogLevel, const std::string&) {};
  auto client = Client::Create(options);
  if (!client.ok()) Fail(client.status().ToString());
  return *std::move(client);
}

InstanceOptions Web(const std::string& id, uint16_t port = 80) {
  InstanceOptions options;
  options.service = "web";
  options.id = id;
  options.endpoints = {{.address = "127.0.0.1", .port = port}};
  options.drain_time = absl::Milliseconds(50);
  return options;
}

size_t ThreadsNamed(const std::string& name) {
  size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string comm;
    std::getline(file, comm);
    count += comm == name ? 1 : 0;
  }
  return count;
}

// A pipe that nobody reads where the file is to be written: opening it blocks, as a disk does that
// stands still.
std::string PipeInPlaceOfTheCache(const TempDir& cache) {
  const std::string path = absl::StrCat(sdk::CacheFile(cache.path(), "sdk-test", "default").path(),
                                        ".", getpid(), ".new");
  if (mkfifo(path.c_str(), 0600) != 0) Fail("cannot make a pipe");
  return path;
}

TEST(SdkClientTest, RegistersResolvesItsOwnWriteAndDeregisters) {
  Registry registry;
  const auto client = Connect(registry.address());
  auto registration = client->Register(Web("w1"));
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_GT(registration->status().lease_epoch, 0u);
  auto view = client->Resolve("web");
  ASSERT_TRUE(view.ok()) << view.status();
  ASSERT_EQ((*view)->serving().size(), 1u);
  EXPECT_EQ((*view)->serving()[0]->Target(), "127.0.0.1:80");
  EXPECT_TRUE(registration->Deregister().ok());
  EXPECT_TRUE((*client->Resolve("web"))->instances().empty());
}

TEST(SdkClientTest, AWatchHearsOfChangesOfWeightReadinessAndDrain) {
  Registry registry;
  const auto server = Connect(registry.address()), caller = Connect(registry.address());
  auto watch = caller->Watch("web");
  InstanceOptions options = Web("w1");
  options.start_unready = true;
  auto registration = server->Register(options);
  ASSERT_TRUE(registration.ok()) << registration.status();
  const auto becomes = [&](const std::function<bool(const Instance&)>& condition) {
    return watch->WaitFor(
        [&](const ServiceView& view) {
          const Instance* instance = view.Find("w1");
          return instance != nullptr && condition(*instance);
        },
        kSoon);
  };
  EXPECT_TRUE(becomes([](const Instance& i) { return i.standing == Standing::kStarting; }).ok());
  EXPECT_TRUE(watch->view()->serving().empty());
  ASSERT_TRUE(registration->SetReady().ok());
  EXPECT_TRUE(watch->WaitForServing(1, kSoon).ok());
  ASSERT_TRUE(registration->SetWeight(7).ok());
  EXPECT_TRUE(becomes([](const Instance& i) { return i.weight == 7; }).ok());
  ASSERT_TRUE(registration->SetMetadata({{"k", "v"}}).ok());
  EXPECT_TRUE(becomes([](const Instance& i) { return i.metadata.contains("k"); }).ok());
  registration->Drain();
  EXPECT_TRUE(becomes([](const Instance& i) { return i.standing == Standing::kDraining; }).ok());
}

TEST(SdkClientTest, HasOneThreadHoweverMuchItDoes) {
  Registry registry;
  const auto client = Connect(registry.address());
  std::vector<Registration> registrations;
  std::vector<Subscription> subscriptions;
  for (int i = 0; i < 30; ++i) {
    InstanceOptions options = Web("w" + std::to_string(i));
    options.wait = absl::ZeroDuration();
    registrations.push_back(*client->Register(options));
    subscriptions.push_back(*client->Watch("web"));
  }
  EXPECT_TRUE(subscriptions.back().WaitForServing(30, kSoon).ok());
  EXPECT_EQ(ThreadsNamed("rollcall-sdk"), 1u);
  client->Drain();  // All at once, so that each need not drain by itself below.
}

TEST(SdkClientTest, SurvivesARestartOfTheRegistryWithoutLosingTheView) {
  Registry registry;
  const auto client = Connect(registry.address());
  auto registration = client->Register(Web("w1"));
  auto watch = client->Watch("web");
  ASSERT_TRUE(watch->WaitForServing(1, kSoon).ok());
  registry.Kill();
  EXPECT_EQ(watch->view()->serving().size(), 1u);
  registry.StartOnSamePort();
  InstanceOptions other = Web("w2");
  other.wait = kSoon;
  auto second = client->Register(other);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(watch->WaitForServing(2, kSoon).ok());
  EXPECT_TRUE(watch->view()->verified());
}

TEST(SdkClientTest, TheNewerProcessWinsAndTheOlderIsToldAndStaysQuiet) {
  Registry registry;
  const auto older = Connect(registry.address()), newer = Connect(registry.address());
  std::atomic<bool> told = false;
  InstanceOptions options = Web("w1", 1);
  options.on_change = [&](const RegistrationStatus& status) {
    if (status.state == RegistrationState::kSuperseded) told = true;
  };
  auto first = older->Register(options);
  ASSERT_TRUE(first.ok()) << first.status();
  auto second = newer->Register(Web("w1", 2));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(Eventually([&] { return told.load(); }));
  EXPECT_FALSE(first->SetWeight(3).ok());
  EXPECT_TRUE(first->Deregister().ok());  // Takes nothing from the newer one.
  EXPECT_EQ((*newer->Resolve("web"))->serving()[0]->Target(), "127.0.0.1:2");
}

TEST(SdkClientTest, StartsFromDiskWithoutARegistry) {
  TempDir cache;
  {
    Registry registry;
    const auto client = Connect(registry.address(), cache.path());
    auto registration = client->Register(Web("w1"));
    auto watch = client->Watch("web");
    ASSERT_TRUE(watch->WaitForServing(1, kSoon).ok());
    registry.Kill();
  }
  const auto client = Connect(kNobody, cache.path());
  auto watch = client->Watch("web");
  EXPECT_EQ(watch->view()->serving().size(), 1u);
  EXPECT_FALSE(watch->view()->verified());
  EXPECT_LT(watch->age(), absl::Minutes(5));
  auto caller = client->MakeCaller("web");
  EXPECT_TRUE(caller->Call([](const Attempt&) { return absl::OkStatus(); }).ok());
}

TEST(SdkClientTest, ADiskThatStandsStillHoldsUpNoHeartbeats) {
  TempDir cache;
  const std::string file = PipeInPlaceOfTheCache(cache);
  Registry registry;
  auto client = Connect(registry.address(), cache.path());
  const auto other = Connect(registry.address());
  InstanceOptions options = Web("w1");
  options.ttl = absl::Seconds(1);
  auto registration = client->Register(options);
  ASSERT_TRUE(registration.ok()) << registration.status();
  auto kept = client->Watch("web"), watch = other->Watch("web");
  ASSERT_TRUE(kept->WaitForServing(1, kSoon).ok());
  ASSERT_TRUE(watch->WaitForServing(1, kSoon).ok());
  // Three times what it may be silent, and enough for the write to have begun.
  const auto lost = watch->WaitFor([](const ServiceView& view) { return view.serving().empty(); },
                                   absl::Seconds(3));
  EXPECT_EQ(lost.code(), absl::StatusCode::kDeadlineExceeded) << lost;
  EXPECT_EQ(registration->status().state, RegistrationState::kRegistered);
  const int end = open(file.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(end, 0);
  client = nullptr;
  char begin[14] = "";
  EXPECT_EQ(read(end, begin, sizeof begin), sizeof begin) << "nothing was written there";
  EXPECT_EQ(std::string(begin, sizeof begin), "rollcall-views");
  close(end);
}

TEST(SdkClientTest, NobodyWaitsForeverForADiskThatStandsStill) {
  TempDir cache;
  const std::string file = PipeInPlaceOfTheCache(cache);
  Registry registry;
  auto client = Connect(registry.address(), cache.path());
  auto registration = client->Register(Web("w1"));
  auto watch = client->Watch("web");
  ASSERT_TRUE(watch->WaitForServing(1, kSoon).ok());
  const Stopwatch ending;
  client = nullptr;
  EXPECT_LT(ending.elapsed(), kSoon);
  // Its thread is left behind; it ends when somebody reads.
  const int end = open(file.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(end, 0);
  EXPECT_TRUE(Eventually([&] {
    char byte = 0;
    return read(end, &byte, 1) == 1;
  }));
  close(end);
}

TEST(SdkClientTest, WithoutARegistryEverythingEndsInBoundedTime) {
  const Stopwatch watch;
  {
    const auto client = Connect(kNobody);
    InstanceOptions options = Web("w1");
    options.wait = absl::Milliseconds(200);
    const auto refused = client->Register(options);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
    options.must_succeed = false;
    auto kept = client->Register(options);
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_EQ(kept->status().state, RegistrationState::kRetrying);
    const auto view = client->Resolve("web", {.timeout = absl::Milliseconds(300)});
    EXPECT_EQ(view.status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_LT(watch.elapsed(), kSoon);
}

TEST(SdkClientTest, RefusesToBlockInItsOwnCallbacks) {
  Registry registry;
  const auto client = Connect(registry.address());
  absl::Status seen;
  std::atomic<bool> called = false;
  WatchOptions options;
  options.on_change = [&](const ViewPtr&) {
    if (called) return;
    seen = client->Resolve("web").status();
    called = true;
  };
  auto watch = client->Watch("web", options);
  EXPECT_TRUE(Eventually([&] { return called.load(); }));
  EXPECT_EQ(seen.code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SdkClientTest, AForkedChildCanDoNoHarm) {
  Registry registry;
  auto client = Connect(registry.address());
  auto registration = std::make_unique<Registration>(*client->Register(Web("w1")));
  const pid_t child = fork();
  if (child == 0) {
    const bool refused = !client->Register(Web("w2")).ok() && !registration->SetReady().ok();
    registration = nullptr;
    client = nullptr;
    _exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ((*client->Resolve("web"))->serving().size(), 1u);
}

TEST(SdkClientTest, TheFirstCallOfANewClientWaitsUntilItKnowsWhomToCall) {
  Registry registry;
  auto client = Connect(registry.address());
  auto registration = client->Register(Web("w1"));
  for (int i = 0; i < 10; ++i) {
    auto fresh = Connect(registry.address());
    auto caller = fresh->MakeCaller("web");
    EXPECT_EQ(caller->Call([](const Attempt&) { return absl::OkStatus(); }), absl::OkStatus());
  }
}

TEST(SdkClientTest, HandlesMayOutliveTheClient) {
  Registry registry;
  auto client = Connect(registry.address());
  auto registration = client->Register(Web("w1"));
  auto watch = client->Watch("web");
  auto caller = client->MakeCaller("web");
  ASSERT_TRUE(caller->subscription().WaitForServing(1, kSoon).ok());
  client = nullptr;
  EXPECT_EQ(registration->status().state, RegistrationState::kEnded);
  EXPECT_TRUE(registration->Deregister().ok());
  EXPECT_FALSE(watch->view() == nullptr);
  EXPECT_TRUE(caller->Call([](const Attempt&) { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace rollcall::integration
