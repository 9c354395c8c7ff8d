#include "server/adapters/http/status_pages.h"

#include <utility>

namespace rollcall::http {
namespace {

HttpHandler CheckPage(StatusCheck check) {
  return [check = std::move(check)](const HttpRequest&, Reply reply) {
    check([reply = std::move(reply)](absl::Status status) mutable {
      HttpResponse response;
      response.status = status.ok() ? 200 : 503;
      response.body = (status.ok() ? "ok" : std::string(status.message())) + "\n";
      reply(std::move(response));
    });
  };
}

}  // namespace

HttpRoutes StatusRoutes(StatusPages pages) {
  HttpRoutes routes;
  routes["/healthz"] = CheckPage(std::move(pages.alive));
  routes["/readyz"] = CheckPage(std::move(pages.ready));
  routes["/metrics"] = [metrics = std::move(pages.metrics)](const HttpRequest&, Reply reply) {
    reply({200, "text/plain; version=0.0.4; charset=utf-8", metrics()});
  };
  return routes;
}

}  // namespace rollcall::http
