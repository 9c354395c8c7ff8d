// Questions between nodes over real connections, on free ports.
#include "server/rpc/grpc/peer_channels.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutex.h"
#include "client-sdk/base/system_clock.h"

namespace rollcall::rpc {
namespace {

using ::testing::HasSubstr;

// Another node: answers drains and brakes, and for releases waits until nobody asks any more.
class OtherNode final : public v1::Operations::Service {
 public:
  OtherNode() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status GetDrainStatus(grpc::ServerContext*, const v1::GetDrainStatusRequest* request,
                              v1::GetDrainStatusResponse* response) override {
    response->set_applied(static_cast<uint32_t>(request->revision()));
    return grpc::Status::OK;
  }
  grpc::Status ListBrakes(grpc::ServerContext*, const v1::ListBrakesRequest*,
                          v1::ListBrakesResponse* response) override {
    response->add_brakes()->set_service("web");
    return grpc::Status::OK;
  }
  grpc::Status ReleaseBrake(grpc::ServerContext* context, const v1::ReleaseBrakeRequest*,
                            v1::ReleaseBrakeResponse*) override {
    asked.set_value();
    base::Mutex mu;
    base::CondVar never;
    base::MutexLock lock(mu);
    while (!context->IsCancelled()) never.WaitFor(mu, absl::Milliseconds(10));
    return grpc::Status::CANCELLED;
  }

  std::promise<void> asked;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

template <typename Response>
struct Awaited {
  Reply<Response> reply() {
    return [this](absl::StatusOr<Response> a) { promise.set_value(std::move(a)); };
  }
  absl::StatusOr<Response> Get() { return promise.get_future().get(); }
  std::promise<absl::StatusOr<Response>> promise;
};

class PeerChannelsTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::GetDrainStatusResponse> Drain(const std::string& address,
                                                   uint64_t revision = 1) {
    v1::GetDrainStatusRequest request;
    request.set_revision(revision);
    Awaited<v1::GetDrainStatusResponse> answer;
    peers_.GetDrainStatus({"n2", address}, request, kLong, answer.reply());
    return answer.Get();
  }

  static constexpr absl::Duration kLong = absl::Seconds(60);
  base::SystemClock clock_;
  PeerChannels peers_{MakePeerCredentials({}), clock_};
};

TEST_F(PeerChannelsTest, ANodeIsAskedAndAnswers) {
  OtherNode node;
  const auto drain = Drain(node.address(), 7);
  ASSERT_TRUE(drain.ok()) << drain.status();
  EXPECT_EQ(drain->applied(), 7u);
  Awaited<v1::ListBrakesResponse> brakes;
  peers_.ListBrakes({"n2", node.address()}, {}, kLong, brakes.reply());
  const auto listed = brakes.Get();
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->brakes(0).service(), "web");
}

TEST_F(PeerChannelsTest, ANodeThatIsNotThereIsNamedWithItsAddress) {
  const auto drain = Drain("127.0.0.1:1");
  EXPECT_EQ(drain.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(drain.status().message()), HasSubstr("127.0.0.1:1: "));
}

TEST_F(PeerChannelsTest, ANodeThatDoesNotSayWhereItIsCannotBeAsked) {
  EXPECT_EQ(Drain("").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(PeerChannelsTest, ANodeThatIsSilentIsGivenUpAtTheDeadline) {
  OtherNode node;
  Awaited<v1::ReleaseBrakeResponse> answer;
  peers_.ReleaseBrake({"n2", node.address()}, {}, absl::Milliseconds(200), answer.reply());
  const auto released = answer.Get();
  EXPECT_EQ(released.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(std::string(released.status().message()),
            absl::StrCat("no answer from ", node.address(), " within 200ms"));
}

TEST_F(PeerChannelsTest, StoppingCancelsWhatIsAskedAndRefusesMore) {
  OtherNode node;
  Awaited<v1::ReleaseBrakeResponse> answer;
  peers_.ReleaseBrake({"n2", node.address()}, {}, kLong, answer.reply());
  node.asked.get_future().wait();
  peers_.Stop();
  EXPECT_EQ(answer.Get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Drain(node.address()).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(PeerChannelsTest, AChannelIsMadeAnewWhenItsNodeWasAway) {
  OtherNode node;
  ASSERT_TRUE(Drain(node.address()).ok());
  peers_.OnNodes({});
  EXPECT_TRUE(Drain(node.address()).ok());
}

}  // namespace
}  // namespace rollcall::rpc
