// The HTTP server's connection: any bytes from a client, over a pair of sockets instead of a port.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"
#include "nlohmann/json.hpp"
#include "server/adapters/http/http_connection.h"
#include "server/adapters/http/status_pages.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

namespace bhttp = boost::beast::http;
using boost::asio::ip::tcp;

constexpr size_t kMostInput = 16 << 10;

http::HttpRoutes Routes() {
  http::StatusPages pages;
  pages.alive = [](auto done) { done(absl::OkStatus()); };
  pages.ready = [](auto done) { done(absl::UnavailableError("not yet")); };
  pages.metrics = [] { return "up 1\n"; };
  return http::StatusRoutes(std::move(pages));
}

// The other end: has said everything already.
class Client {
 public:
  Client(int fd, absl::string_view said) : fd_(fd) {
    for (size_t done = 0; done < said.size();) {
      const ssize_t n = write(fd_, said.data() + done, said.size() - done);
      Expect(n > 0, "a socket takes a little");
      done += static_cast<size_t>(n);
    }
    shutdown(fd_, SHUT_WR);
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Drain() {
    char buffer[4096];
    while (true) {
      const ssize_t n = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (n <= 0) return;
      heard_.append(buffer, static_cast<size_t>(n));
    }
  }
  const std::string& heard() const { return heard_; }

 private:
  const int fd_;
  std::string heard_;
};

std::string Answers(absl::string_view said) {
  int ends[2];
  Expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
  Client client(ends[0], said);
  boost::asio::io_context loop(1);
  const auto core = std::make_shared<http::HttpServer::Core>(http::HttpOptions(), Routes());
  std::weak_ptr<http::HttpConnection> watched;
  {
    const auto connection =
        std::make_shared<http::HttpConnection>(core, tcp::socket(loop, tcp::v4(), ends[1]));
    watched = connection;
    connection->Read();
  }
  while (loop.run_one() > 0) client.Drain();
  client.Drain();
  Expect(watched.expired(), "a connection whose client has left is gone");
  return client.heard();
}

// The first answer, where it has a body.
void CheckAnswer(const std::string& heard) {
  bhttp::response_parser<bhttp::string_body> parser;
  parser.eager(true);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(heard), error);
  Expect(!error && parser.is_done(), "an answer is HTTP");
  const auto& answer = parser.get();
  const unsigned known[] = {200, 400, 404, 405, 413, 431, 503};
  Expect(std::find(std::begin(known), std::end(known), answer.result_int()) != std::end(known),
         "a status is one of those named");
  if (answer[bhttp::field::content_type] != "application/json") return;
  const auto json = nlohmann::json::parse(answer.body(), nullptr, false);
  Expect(json.is_object() && json.contains("error") && json["error"].is_string(),
         "an error is JSON");
}

}  // namespace

FUZZ_TARGET(http) {
  const absl::string_view said = input.substr(0, kMostInput);
  const std::string heard = Answers(said);
  if (heard.empty()) return;
  Expect(absl::StartsWith(heard, "HTTP/1."), "what is said is HTTP");
  if (!absl::StrContains(said, "HEAD")) CheckAnswer(heard);
}

}  // namespace rollcall::fuzz
