#include "server/adapters/http/http_core.h"

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "boost/asio/ip/address.hpp"
#include "boost/asio/post.hpp"
#include "server/adapters/http/http_connection.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptRetry{100};

absl::Status ListenError(const HttpOptions& options, const boost::system::error_code& error) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", options.address, ":", options.port, ": ", error.message()));
}

}  // namespace

absl::StatusOr<uint16_t> HttpServer::Core::Listen(const HttpOptions& options) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", options.address, "\" is not an IP address"));
  }
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return ListenError(options, error);
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  if (error) return ListenError(options, error);
  return bound.port();
}

void HttpServer::Core::Run() {
  Accept();
  loop_.run();
}

void HttpServer::Core::Stop() {
  asio::post(loop_, [this] { CloseAll(); });
}

void HttpServer::Core::CloseAll() {
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  while (!open_.empty()) {
    const auto connection = open_.begin()->second;
    connection->Close();
  }
}

void HttpServer::Core::Accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    OnAccept(error, std::move(socket));
  });
}

void HttpServer::Core::OnAccept(boost::system::error_code error, tcp::socket socket) {
  if (stopping_) return;
  if (error) {
    retry_.expires_after(kAcceptRetry);
    retry_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) Accept();
    });
    return;
  }
  // Over the limit: the socket is closed by its destructor, the client sees a reset.
  if (open_.size() < limits.connections) {
    auto connection = std::make_shared<HttpConnection>(shared_from_this(), std::move(socket));
    open_.emplace(connection.get(), connection);
    connection->Read();
  }
  Accept();
}

}  // namespace rollcall::http
