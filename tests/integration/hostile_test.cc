// What no honest client sends. Whatever comes, the registry says why, and goes on.
#include <sys/resource.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/support/raw_call.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/session.h"
#include "tests/integration/support/socket.h"
#include "tests/integration/support/watch.h"

namespace rollcall::integration {
namespace {

using grpc::StatusCode;

class HostileTest : public ::testing::Test {
 protected:
  // It still does its work.
  void TearDown() override {
    ASSERT_TRUE(registry_.process().running());
    RawClient other(registry_);
    const Stopwatch watch;
    Session session(other, Registration({Spec("well", "w1")}, kLong));
    session.Beat();
    EXPECT_LT(watch.elapsed(), absl::Seconds(20));
    EXPECT_EQ(HttpGet(registry_.http_port(), "/healthz").status, 200);
  }

  Registry registry_;
  RawClient client_{registry_};
};

TEST_F(HostileTest, GarbageOnThePorts) {
  uint32_t state = 1;
  for (int i = 0; i < 50; ++i) {
    std::string bytes;
    for (int n = 0; n < 1000; ++n) {
      state = state * 1664525 + 1013904223;
      bytes.push_back(static_cast<char>(state >> 24));
    }
    const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    Socket(registry_.grpc_port()).Send(i % 2 == 0 ? bytes : preface + bytes);
    Socket(registry_.http_port()).Send(bytes);
  }
  Socket http(registry_.http_port());
  http.Send("GET /" + std::string(100000, 'a') + " HTTP/1.1\r\n\r\n");
  http.ReadToEnd();
  EXPECT_TRUE(http.closed());
}

// gRPC by itself never accepts again after it once ran out of descriptors.
TEST_F(HostileTest, MoreConnectionsThanFileDescriptors) {
  const rlimit few{140, 140};
  ASSERT_EQ(prlimit(registry_.process().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  std::vector<std::unique_ptr<Socket>> many;
  many.reserve(300);
  for (int i = 0; i < 300; ++i) many.push_back(std::make_unique<Socket>(registry_.grpc_port()));
  // The last ones were refused, and the health pages still have their descriptors.
  many.back()->ReadToEnd();
  EXPECT_TRUE(many.back()->closed());
  EXPECT_EQ(HttpGet(registry_.http_port(), "/healthz").status, 200);
  many.clear();
}

TEST_F(HostileTest, ConnectionsThatSayNothing) {
  std::vector<std::unique_ptr<Socket>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<Socket>(registry_.grpc_port()));
    silent.push_back(std::make_unique<Socket>(registry_.http_port()));
  }
  TearDown();
  silent.front()->ReadToEnd();
  EXPECT_TRUE(silent.front()->closed()) << "a gRPC connection without a handshake stays for ever";
}

TEST_F(HostileTest, ABeatBeforeTheSessionIsOpen) {
  const auto stream = OpenKeepAlive(client_);
  stream->Send(BeatMessage(1));
  const grpc::Status status = stream->End();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("open"));
}

TEST_F(HostileTest, ASecondOpenOnOneStream) {
  Session session(client_, Registration({Spec("user", "u1")}, kLong));
  session.stream().Send(OpenMessage(session.registered()));
  EXPECT_EQ(session.stream().End().error_code(), StatusCode::INVALID_ARGUMENT);
  // The node closed it, so it suspects nobody; the client may come back.
  EXPECT_EQ(client_.StandingOf("user", "u1"), v1::STANDING_PASSING);
  session.Reopen(client_);
}

TEST_F(HostileTest, AMessageWithNothingInIt) {
  const auto stream = OpenKeepAlive(client_);
  stream->Send({});
  EXPECT_EQ(stream->End().error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(HostileTest, AWrongSecret) {
  const v1::RegisterResponse registered =
      client_.Register(Registration({Spec("user", "u1")}, kLong));
  v1::KeepAliveRequest open = OpenMessage(registered);
  open.mutable_open()->set_session_secret(std::string(32, '0'));
  const auto stream = OpenKeepAlive(client_);
  stream->Send(open);
  const grpc::Status status = stream->End();
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(),
              ::testing::Not(::testing::HasSubstr(registered.session_secret())));
}

TEST_F(HostileTest, AnUnknownSession) {
  v1::KeepAliveRequest open;
  open.mutable_open()->set_session_id(std::string(32, 'a'));
  open.mutable_open()->set_session_secret(std::string(32, 'b'));
  const auto stream = OpenKeepAlive(client_);
  stream->Send(open);
  EXPECT_EQ(AwaitEnded(*stream), v1::CAUSE_SESSION_UNKNOWN);
  EXPECT_TRUE(stream->End().ok());
}

TEST_F(HostileTest, ASessionIdThatIsNone) {
  v1::KeepAliveRequest open;
  open.mutable_open()->set_session_id("../../etc");
  open.mutable_open()->set_session_secret("x");
  const auto stream = OpenKeepAlive(client_);
  stream->Send(open);
  const grpc::Status status = stream->End();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
}

TEST_F(HostileTest, AStreamThatNeverSpeaks) {
  const auto keep_alive = OpenKeepAlive(client_);
  const auto watch = OpenWatch(client_);
  const auto half_closed = OpenKeepAlive(client_);
  half_closed->HalfClose();
  half_closed->End();
}

TEST_F(HostileTest, BytesThatAreNoMessage) {
  const std::string garbage = "\xff\xff\xff\xff\xff\xff";
  for (const char* method :
       {"/rollcall.v1.Discovery/Watch", "/rollcall.v1.Registry/Register",
        "/rollcall.v1.Discovery/Resolve", "/rollcall.v1.Operations/GetHistory"}) {
    EXPECT_FALSE(RawCall(client_.channel(), method, garbage).status.ok()) << method;
  }
  const grpc::Status ended =
      RawCall(client_.channel(), "/rollcall.v1.Registry/KeepAlive", garbage).status;
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(ended.error_message(), ::testing::HasSubstr("KeepAliveRequest"));
  EXPECT_EQ(RawCall(client_.channel(), "/rollcall.v1.Registry/Nonsense", "").status.error_code(),
            StatusCode::UNIMPLEMENTED);
}

TEST_F(HostileTest, BadSubscriptionsEndAloneAndTheStreamGoesOn) {
  const auto stream = OpenWatch(client_);
  const auto refused = [&](const v1::WatchRequest& request) {
    stream->Send(request);
    return stream->Await("error", [](const auto& m) { return m.has_error(); }).error();
  };
  v1::WatchRequest request;
  request.mutable_subscribe()->set_id(1);
  request.mutable_subscribe()->set_service("user");
  request.mutable_subscribe()->set_selector("nonsense");
  EXPECT_EQ(refused(request).code(), StatusCode::INVALID_ARGUMENT);
  request.mutable_subscribe()->clear_selector();
  request.mutable_subscribe()->set_service(std::string(5000, 'a'));
  EXPECT_EQ(refused(request).code(), StatusCode::INVALID_ARGUMENT);
  request.mutable_subscribe()->set_service("user");
  stream->Send(request);
  stream->Await("snapshot", [](const auto& m) { return m.caught_up(); });
  EXPECT_EQ(refused(request).code(), StatusCode::INVALID_ARGUMENT) << "the id is in use";
  v1::WatchRequest ack;
  ack.mutable_ack()->set_id(1);
  ack.mutable_ack()->set_revision(1'000'000'000);
  EXPECT_EQ(refused(ack).code(), StatusCode::INVALID_ARGUMENT) << "never sent";
  request.mutable_subscribe()->set_id(2);
  request.mutable_subscribe()->set_resume_revision(1'000'000'000);
  request.mutable_subscribe()->set_store_id(registry_.store_id());
  EXPECT_EQ(refused(request).code(), StatusCode::UNAVAILABLE) << "a revision from the future";
}

TEST_F(HostileTest, ReadsFromTheFutureOrOfAnotherStoreAreRefused) {
  v1::ResolveRequest request;
  request.set_service("user");
  request.set_store_id(registry_.store_id());
  request.set_at_least_revision(1'000'000'000);
  v1::ResolveResponse ignored;
  EXPECT_EQ(client_.Call(&v1::Discovery::Stub::Resolve, request, ignored).error_code(),
            StatusCode::UNAVAILABLE);
  request.set_store_id(std::string(32, 'f'));
  EXPECT_EQ(client_.Call(&v1::Discovery::Stub::Resolve, request, ignored).error_code(),
            StatusCode::OUT_OF_RANGE);
}

}  // namespace
}  // namespace rollcall::integration
