#include "examples/shop/gateway/routes.h"

#include <functional>
#include <string>

#include "absl/strings/numbers.h"

namespace shop {
namespace {

using nlohmann::json;
using Lookup = std::function<absl::StatusOr<json>(uint64_t id)>;

int HttpStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 502;
  }
}

void Answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump() + "\n", "application/json");
}

void AddLookup(httplib::Server& server, const std::string& pattern, const Lookup& lookup) {
  server.Get(pattern, [lookup](const httplib::Request& request, httplib::Response& response) {
    uint64_t id = 0;
    if (!absl::SimpleAtoi(request.matches[1].str(), &id)) {
      return Answer(response, 404, {{"error", "the id is not a number that fits"}});
    }
    const absl::StatusOr<json> found = lookup(id);
    if (found.ok()) return Answer(response, 200, *found);
    Answer(response, HttpStatus(found.status()), {{"error", found.status().ToString()}});
  });
}

}  // namespace

void AddRoutes(Gateway& gateway, httplib::Server& server) {
  AddLookup(server, R"(/user/(\d+))", [&](uint64_t id) { return gateway.User(id); });
  AddLookup(server, R"(/order/(\d+))", [&](uint64_t id) { return gateway.Order(id); });
  server.Get("/stats", [&](const httplib::Request&, httplib::Response& response) {
    Answer(response, 200, gateway.Stats());
  });
}

}  // namespace shop
