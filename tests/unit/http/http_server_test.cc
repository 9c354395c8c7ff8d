#include "server/adapters/http/http_server.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/adapters/http/status_pages.h"
#include "tests/unit/http/raw_client.h"

namespace rollcall::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Get(const std::string& target) {
  return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n\r\n");
}

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(HttpRoutes routes, HttpLimits limits = {}) {
    auto server = HttpServer::Start({"127.0.0.1", 0, limits}, std::move(routes));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartHello(HttpLimits limits = {}) {
    HttpRoutes routes;
    routes["/hello"] = [](const HttpRequest& request, Reply reply) {
      reply({200, "text/plain", "hello " + request.query});
    };
    Start(std::move(routes), limits);
  }
  std::string Ask(const std::string& request) {
    RawClient client(server_->port());
    client.Send(request);
    return client.ReadResponse();
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAPathAndHandsOverTheQuery) {
  StartHello();
  EXPECT_GT(server_->port(), 0);
  EXPECT_THAT(Ask(Get("/hello?a=1")),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nhello a=1")));
}

TEST_F(HttpServerTest, KeepsAConnectionForManyRequests) {
  StartHello();
  RawClient client(server_->port());
  client.Send(Get("/hello?1") + Get("/hello?2"));  // pipelined
  EXPECT_THAT(client.ReadResponse(), HasSubstr("hello 1"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("hello 2"));
  client.Send("GET /hello?3 HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("hello 3"));
  EXPECT_TRUE(client.Closed());
}

TEST_F(HttpServerTest, HeadHasTheHeaderAndNoBody) {
  StartHello();
  RawClient client(server_->port());
  client.Send("HEAD /hello HTTP/1.1\r\n\r\n" + Get("/hello?next"));
  EXPECT_THAT(client.ReadResponse(/*head=*/true),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Length: 6")));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, UnknownPathsAndMethodsAreRefusedAsJson) {
  StartHello();
  EXPECT_THAT(Ask(Get("/none")),
              AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("Content-Type: application/json"),
                    HasSubstr("{\"error\":\"there is no /none\"}")));
  EXPECT_THAT(Ask("DELETE /hello HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET, HEAD")));
}

TEST_F(HttpServerTest, WhatIsNotARequestIsRefusedAndClosed) {
  StartHello();
  RawClient client(server_->port());
  client.Send("\x16\x03\x01 nonsense\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(client.Closed());
  EXPECT_THAT(Ask("POST /hello HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
              StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, AHeaderOverTheLimitIsRefused) {
  StartHello();
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nX: ", std::string(7000, 'x'), "\r\n\r\n")),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Ask(absl::StrCat("GET /hello HTTP/1.1\r\nX: ", std::string(9000, 'x'), "\r\n\r\n")),
              StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpServerTest, ConnectionsOverTheLimitAreClosedAndRoomIsFreedAgain) {
  StartHello({.connections = 2});
  auto one = std::make_unique<RawClient>(server_->port());
  RawClient two(server_->port());
  one->Send(Get("/hello"));
  two.Send(Get("/hello"));
  EXPECT_THAT(one->ReadResponse(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(two.ReadResponse(), StartsWith("HTTP/1.1 200"));
  RawClient three(server_->port());
  EXPECT_TRUE(three.Closed());
  one->Send("GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(one->Closed());
  EXPECT_THAT(Ask(Get("/hello")), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ASlowRequestIsCutOff) {
  StartHello({.request_timeout = absl::Milliseconds(50)});
  RawClient client(server_->port());
  client.Send("GET /hel");
  EXPECT_TRUE(client.Closed());
}

TEST_F(HttpServerTest, AHandlerThatNeverAnswersIsAnsweredForAtTheDeadline) {
  HttpRoutes routes;
  std::vector<Reply> kept;
  routes["/keeps"] = [&](const HttpRequest&, Reply reply) { kept.push_back(std::move(reply)); };
  routes["/drops"] = [](const HttpRequest&, Reply) {};
  // The request, too, has to come within it: long enough for a loaded machine.
  Start(std::move(routes), {.request_timeout = absl::Seconds(2)});
  RawClient keeps(server_->port());
  keeps.Send(Get("/keeps"));
  RawClient drops(server_->port());
  drops.Send(Get("/drops"));
  EXPECT_THAT(keeps.ReadResponse(), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(drops.ReadResponse(), StartsWith("HTTP/1.1 503"));
  server_->Stop();
  for (Reply& reply : kept) reply({});  // too late, and harmless
}

TEST_F(HttpServerTest, ALateReplyDoesNotAnswerTheNextRequest) {
  HttpRoutes routes;
  Reply late;
  routes["/late"] = [&](const HttpRequest&, Reply reply) { late = std::move(reply); };
  routes["/next"] = [&](const HttpRequest&, Reply reply) {
    late({200, "text/plain", "late"});
    reply({200, "text/plain", "next"});
  };
  Start(std::move(routes), {.request_timeout = absl::Seconds(2)});
  RawClient client(server_->port());
  client.Send(Get("/late"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 503"));
  client.Send(Get("/next"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("next"));
}

TEST_F(HttpServerTest, RepliesMayComeFromAnotherThread) {
  HttpRoutes routes;
  std::vector<std::thread> threads;
  routes["/slow"] = [&](const HttpRequest&, Reply reply) {
    threads.emplace_back([reply = std::move(reply)]() mutable {
      reply({200, "text/plain", "from afar"});
    });
  };
  Start(std::move(routes));
  EXPECT_THAT(Ask(Get("/slow")), HasSubstr("from afar"));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, StopClosesOpenConnectionsAndIsRepeatable) {
  StartHello();
  RawClient client(server_->port());
  client.Send(Get("/hello"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200"));
  server_->Stop();
  EXPECT_TRUE(client.Closed());
  server_->Stop();
}

TEST_F(HttpServerTest, ATakenPortAndABadAddressAreNamed) {
  StartHello();
  const auto second = HttpServer::Start({"127.0.0.1", server_->port()}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(absl::StrCat("127.0.0.1:", server_->port())));
  EXPECT_EQ(HttpServer::Start({"nowhere", 0}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(HttpServerTest, StatusPagesTellHealthReadinessAndMetrics) {
  absl::Status ready = absl::UnavailableError("loading records");
  Start(StatusRoutes({.alive = [](auto done) { done(absl::OkStatus()); },
                      .ready = [&](auto done) { done(ready); },
                      .metrics = [] { return std::string("rollcall_up 1\n"); }}));
  EXPECT_THAT(Ask(Get("/healthz")), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\r\n\r\nok\n")));
  EXPECT_THAT(Ask(Get("/readyz")), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("loading records")));
  ready = absl::OkStatus();
  EXPECT_THAT(Ask(Get("/readyz")), AllOf(StartsWith("HTTP/1.1 200"), Not(HasSubstr("loading"))));
  EXPECT_THAT(Ask(Get("/metrics")),
              AllOf(HasSubstr("version=0.0.4"), HasSubstr("rollcall_up 1\n")));
}

}  // namespace
}  // namespace rollcall::http
