// HttpServer: a small HTTP/1.1 server for operators and their tools, on one thread of its own
// ("rc-http"), so it answers also while the core is busy.
//
// Serves GET and HEAD of exact paths. A handler gets the request and a Reply to call once, from any
// thread, now or later; the request's deadline bounds it (503 when it passes). Everything else is
// answered here: 404, 405, 400 for what is not HTTP, 413 for a body, 431 for too large a header.
// Errors are JSON: {"error": "…"}. Limits are named in HttpLimits.
//
// Start, Stop and the destructor belong to one thread, not a handler's. After Stop no handler runs
// and late replies are dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace rollcall::http {

struct HttpRequest {
  std::string path;   // "/healthz"
  std::string query;  // what stands after "?", undecoded
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// An error as JSON.
HttpResponse JsonError(int status, const std::string& message);

// Called once; a Reply that is dropped uncalled leaves its request to the deadline.
using Reply = absl::AnyInvocable<void(HttpResponse)>;
// Runs on the server's thread and must not block.
using HttpHandler = std::function<void(const HttpRequest&, Reply)>;
// By exact path.
using HttpRoutes = std::map<std::string, HttpHandler>;

struct HttpLimits {
  size_t connections = 256;  // one more is closed at once
  size_t header_bytes = 8 << 10;
  // For reading a request, for its handler, for writing the response: each; and for an idle
  // connection.
  absl::Duration request_timeout = absl::Seconds(10);
};

struct HttpOptions {
  std::string address = "127.0.0.1";  // an IP literal
  uint16_t port = 0;                  // 0: a free one
  HttpLimits limits;
};

class HttpServer {
 public:
  class Core;

  // Listens when it returns. UNAVAILABLE if the port is taken, INVALID_ARGUMENT for the address.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpOptions& options,
                                                           HttpRoutes routes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }
  // Closes every connection and joins the thread. Repeatable.
  void Stop();

 private:
  HttpServer(std::shared_ptr<Core> core, uint16_t port);

  std::shared_ptr<Core> core_;
  const uint16_t port_;
  std::thread thread_;
};

}  // namespace rollcall::http
