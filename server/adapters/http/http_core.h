// What the connections of one HttpServer share: the event loop, the routes, the limits and the set
// of open connections. Everything but Stop runs on the server's thread.
//
// The core owns the connections until they are forgotten, and they hold the core, so that the loop
// outlives them; Run returns when all are forgotten, which ends the circle.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "server/adapters/http/http_server.h"

namespace rollcall::http {

class HttpConnection;

class HttpServer::Core : public std::enable_shared_from_this<HttpServer::Core> {
 public:
  Core(const HttpOptions& options, HttpRoutes routes)
      : routes(std::move(routes)),
        limits(options.limits),
        loop_(1),
        acceptor_(loop_),
        retry_(loop_) {}

  // Opens the port; returns the one in use.
  absl::StatusOr<uint16_t> Listen(const HttpOptions& options);
  // Serves until Stop; then returns when nothing is left to do.
  void Run();
  // From any thread.
  void Stop();
  // A connection closed itself.
  void Forget(HttpConnection* connection) { open_.erase(connection); }

  const HttpRoutes routes;
  const HttpLimits limits;

 private:
  void Accept();
  void OnAccept(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void CloseAll();

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor acceptor_;
  // Out of descriptors: accepting is tried again after a while.
  boost::asio::steady_timer retry_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> open_;
  bool stopping_ = false;
};

}  // namespace rollcall::http
