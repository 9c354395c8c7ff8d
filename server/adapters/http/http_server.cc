#include "server/adapters/http/http_server.h"

#include <pthread.h>

#include <utility>

#include "client-sdk/base/status_macros.h"
#include "nlohmann/json.hpp"
#include "server/adapters/http/http_core.h"

namespace rollcall::http {

HttpResponse JsonError(int status, const std::string& message) {
  const nlohmann::json body = {{"error", message}};
  return {status, "application/json",
          body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options,
                                                              HttpRoutes routes) {
  auto core = std::make_shared<Core>(options, std::move(routes));
  ASSIGN_OR_RETURN(const uint16_t port, core->Listen(options));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core), port));
}

HttpServer::HttpServer(std::shared_ptr<Core> core, uint16_t port)
    : core_(std::move(core)), port_(port) {
  thread_ = std::thread([core = core_.get()] {
    pthread_setname_np(pthread_self(), "rc-http");
    core->Run();
  });
}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Stop() {
  if (!thread_.joinable()) return;
  core_->Stop();
  thread_.join();
}

}  // namespace rollcall::http
