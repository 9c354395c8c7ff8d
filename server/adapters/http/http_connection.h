// HttpConnection: one client's connection: read a request, answer it, and again.
//
// Runs on the server's thread. At most one request at a time; a request that comes early waits in
// the socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/empty_body.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"
#include "server/adapters/http/http_core.h"

namespace rollcall::http {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServer::Core> core, boost::asio::ip::tcp::socket socket);
  ~HttpConnection();

  void Read();
  // Ends whatever waits.
  void Close();

 private:
  using Request = boost::beast::http::request<boost::beast::http::empty_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void OnRead(boost::beast::error_code error);
  void OnBadRequest(boost::beast::error_code error);
  void Dispatch(const Request& request);
  void CallHandler(const HttpHandler& handler, const HttpRequest& request);
  // `number` tells which request it answers: a late reply finds another one, or none.
  void Answer(uint64_t number, HttpResponse answer);
  void Write(HttpResponse answer);
  void OnWritten(boost::beast::error_code error);

  const std::shared_ptr<HttpServer::Core> core_;
  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer deadline_;  // of the handler
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  std::optional<Response> response_;
  uint64_t request_number_ = 0;
  bool waiting_for_handler_ = false;
  bool head_ = false;
  bool keep_alive_ = false;
  unsigned version_ = 11;
};

}  // namespace rollcall::http
