// Everybody at once: thousands of sessions, opened together on few connections.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"

namespace rollcall::integration {
namespace {

constexpr int kSessions = 5000;
constexpr int kConnections = 8;

// Counts those that came to an end of what they had to do, well or badly.
class Tally {
 public:
  void Done(bool well) {
    base::MutexLock lock(mu_);
    ++(well ? good_ : bad_);
    changed_.NotifyAll();
  }
  // How many did well, when all are done or the limit has passed.
  int AwaitAll(int count, absl::Duration limit) {
    const Stopwatch watch;
    base::MutexLock lock(mu_);
    while (good_ + bad_ < count && watch.elapsed() < limit) {
      changed_.WaitFor(mu_, watch.LeftOf(limit));
    }
    return good_;
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  int good_ ABSL_GUARDED_BY(mu_) = 0;
  int bad_ ABSL_GUARDED_BY(mu_) = 0;
};

// One client: registers, opens its stream, and holds it.
class OneOfMany : public grpc::ClientBidiReactor<v1::KeepAliveRequest, v1::KeepAliveResponse> {
 public:
  OneOfMany(const std::shared_ptr<grpc::Channel>& channel, int number, Tally& registered,
            Tally& opened, Tally& ended)
      : stub_(channel), registered_(registered), opened_(opened), ended_(ended) {
    request_ = Registration({Spec("crowd", absl::StrCat("c", number))}, absl::Minutes(10));
  }

  void Register() {
    stub_.async()->Register(&unary_context_, &request_, &response_,
                            [this](grpc::Status status) { registered_.Done(status.ok()); });
  }
  void Open() {
    stub_.async()->KeepAlive(&context_, this);
    out_ = OpenMessage(response_);
    StartWrite(&out_);
    StartRead(&in_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override { opened_.Done(ok && in_.has_opened()); }
  void OnDone(const grpc::Status&) override { ended_.Done(true); }

 private:
  v1::Registry::Stub stub_;
  Tally& registered_;
  Tally& opened_;
  Tally& ended_;
  grpc::ClientContext unary_context_;
  v1::RegisterRequest request_;
  v1::RegisterResponse response_;
  grpc::ClientContext context_;
  v1::KeepAliveRequest out_;
  v1::KeepAliveResponse in_;
};

TEST(MassTest, FiveThousandSessionsOpenedAtOnceAreAllAnswered) {
  Registry registry;
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  channels.reserve(kConnections);
  for (int i = 0; i < kConnections; ++i) channels.push_back(registry.Connect());
  Tally registered;
  Tally opened;
  Tally ended;
  std::vector<std::unique_ptr<OneOfMany>> crowd;
  crowd.reserve(kSessions);
  for (int i = 0; i < kSessions; ++i) {
    crowd.push_back(
        std::make_unique<OneOfMany>(channels[i % kConnections], i, registered, opened, ended));
  }

  const Stopwatch since_start;
  for (const auto& one : crowd) one->Register();
  ASSERT_EQ(registered.AwaitAll(kSessions, absl::Seconds(60)), kSessions);
  std::cout << "measured: " << kSessions << " registered in " << since_start.elapsed() << "\n";
  const Stopwatch since_registered;
  for (const auto& one : crowd) one->Open();
  EXPECT_EQ(opened.AwaitAll(kSessions, absl::Seconds(60)), kSessions);
  std::cout << "measured: " << kSessions << " streams opened in " << since_registered.elapsed()
            << "\n";

  RawClient client(registry);
  const auto status = client.Get(&v1::Operations::Stub::GetStatus, {});
  EXPECT_EQ(status.connected_sessions(), static_cast<uint64_t>(kSessions));
  EXPECT_EQ(status.instances(), static_cast<uint64_t>(kSessions));

  // All hang up together, from one address: they become suspect, and the registry lives on.
  for (const auto& one : crowd) one->Cancel();
  ASSERT_EQ(ended.AwaitAll(kSessions, absl::Seconds(60)), kSessions);
  EXPECT_TRUE(Eventually([&] {
    v1::ListServicesResponse services = client.Get(&v1::Discovery::Stub::ListServices, {});
    return services.services_size() == 1 &&
           services.services(0).suspect() == static_cast<uint32_t>(kSessions);
  }));
}

}  // namespace
}  // namespace rollcall::integration
