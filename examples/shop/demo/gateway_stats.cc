#include "examples/shop/demo/gateway_stats.h"

#include "absl/strings/str_cat.h"
#include "httplib.h"
#include "nlohmann/json.hpp"

namespace shop::demo {
namespace {

using nlohmann::json;

InstanceStats Parse(const json& row, Moment now) {
  InstanceStats stats;
  stats.attempts = row.at("attempts");
  stats.served = row.at("served");
  stats.failed = row.at("failed");
  if (row.contains("since_last_attempt_ms")) {
    const std::chrono::duration<double, std::milli> since(
        row.at("since_last_attempt_ms").get<double>());
    stats.last_attempt = now - std::chrono::duration_cast<Moment::duration>(since);
  }
  return stats;
}

}  // namespace

absl::StatusOr<GatewayStats> FetchStats(const std::string& url) {
  httplib::Client http(url);
  const httplib::Result result = http.Get("/stats");
  const Moment now = Now();
  if (!result || result->status != 200) {
    return absl::UnavailableError(absl::StrCat("the gateway does not answer ", url, "/stats"));
  }
  const json body = json::parse(result->body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return absl::InternalError("the gateway's /stats is not JSON");
  GatewayStats stats;
  for (const auto& [service, of_service] : body.items()) {
    for (const auto& [id, row] : of_service.at("instances").items()) {
      stats[service][id] = Parse(row, now);
    }
  }
  return stats;
}

}  // namespace shop::demo
