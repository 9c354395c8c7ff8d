#include "server/adapters/http/http_connection.h"

#include <chrono>
#include <string>
#include <utility>

#include "boost/asio/post.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/write.hpp"

namespace rollcall::http {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

std::chrono::nanoseconds Chrono(absl::Duration d) { return absl::ToChronoNanoseconds(d); }

// 0 when the peer is simply gone and nothing can be answered.
int StatusOfReadError(beast::error_code error) {
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) return 431;
  if (error == bhttp::error::body_limit || error == bhttp::error::unexpected_body) return 413;
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return 0;
  return error.category() == bhttp::make_error_code(bhttp::error::bad_method).category() ? 400 : 0;
}

HttpRequest SplitTarget(beast::string_view target) {
  const std::string text(target.data(), target.size());
  const size_t mark = text.find('?');
  if (mark == std::string::npos) return {text, ""};
  return {text.substr(0, mark), text.substr(mark + 1)};
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpServer::Core> core,
                               boost::asio::ip::tcp::socket socket)
    : core_(std::move(core)),
      stream_(std::move(socket)),
      deadline_(stream_.get_executor()),
      // The parser refuses at the limit; the buffer must hold a little more than it to get there.
      buffer_(2 * core_->limits.header_bytes) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::Read() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_->limits.header_bytes));
  parser_->body_limit(0);
  stream_.expires_after(Chrono(core_->limits.request_timeout));
  bhttp::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
}

void HttpConnection::OnRead(beast::error_code error) {
  if (error) return OnBadRequest(error);
  stream_.expires_never();
  const Request& request = parser_->get();
  head_ = request.method() == bhttp::verb::head;
  keep_alive_ = request.keep_alive();
  version_ = request.version();
  Dispatch(request);
}

void HttpConnection::OnBadRequest(beast::error_code error) {
  const int status = StatusOfReadError(error);
  if (status == 0) return Close();
  keep_alive_ = false;
  head_ = false;
  Write(JsonError(status, status == 431   ? "the request's header is too large"
                          : status == 413 ? "a request body is not accepted here"
                                          : "this is not an HTTP request"));
}

void HttpConnection::Dispatch(const Request& request) {
  const HttpRequest wanted = SplitTarget(request.target());
  const auto route = core_->routes.find(wanted.path);
  if (route == core_->routes.end()) return Write(JsonError(404, "there is no " + wanted.path));
  if (!head_ && request.method() != bhttp::verb::get) {
    return Write(JsonError(405, wanted.path + " takes GET and HEAD only"));
  }
  CallHandler(route->second, wanted);
}

void HttpConnection::CallHandler(const HttpHandler& handler, const HttpRequest& request) {
  const uint64_t number = ++request_number_;
  waiting_for_handler_ = true;
  deadline_.expires_after(Chrono(core_->limits.request_timeout));
  deadline_.async_wait([weak = weak_from_this(), number](beast::error_code error) {
    const auto self = weak.lock();
    if (self && !error) self->Answer(number, JsonError(503, "no answer in time"));
  });
  // The reply holds the connection weakly, and so does its task: neither keeps a closed one alive.
  handler(request, [weak = weak_from_this(), number](HttpResponse answer) {
    const auto self = weak.lock();
    if (!self) return;
    boost::asio::post(self->stream_.get_executor(),
                      [weak, number, answer = std::move(answer)]() mutable {
                        const auto alive = weak.lock();
                        if (alive) alive->Answer(number, std::move(answer));
                      });
  });
}

void HttpConnection::Answer(uint64_t number, HttpResponse answer) {
  if (number != request_number_ || !waiting_for_handler_) return;
  waiting_for_handler_ = false;
  deadline_.cancel();
  Write(std::move(answer));
}

void HttpConnection::Write(HttpResponse answer) {
  response_.emplace(static_cast<bhttp::status>(answer.status), version_);
  response_->set(bhttp::field::content_type, answer.content_type);
  response_->set(bhttp::field::cache_control, "no-store");
  if (answer.status == 405) response_->set(bhttp::field::allow, "GET, HEAD");
  response_->keep_alive(keep_alive_);
  response_->content_length(answer.body.size());
  if (!head_) response_->body() = std::move(answer.body);
  stream_.expires_after(Chrono(core_->limits.request_timeout));
  bhttp::async_write(
      stream_, *response_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnWritten(error); });
}

void HttpConnection::OnWritten(beast::error_code error) {
  if (error || !keep_alive_) return Close();
  Read();
}

void HttpConnection::Close() {
  waiting_for_handler_ = false;
  deadline_.cancel();
  beast::error_code ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.close();
  core_->Forget(this);
}

}  // namespace rollcall::http
