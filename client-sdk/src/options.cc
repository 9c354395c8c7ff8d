#include "client-sdk/src/options.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::sdk {
namespace {

constexpr size_t kMostNameBytes = 253;
constexpr uint32_t kMostWeight = 10000;
constexpr absl::Duration kShortestTtl = absl::Seconds(1);
constexpr absl::Duration kLongestTtl = absl::Minutes(10);

absl::Status Bad(absl::string_view option, absl::string_view value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(option, " \"", value, "\": ", rule));
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}
bool IsIdCharacter(char c) { return IsNameCharacter(c) || (c >= 'A' && c <= 'Z') || c == ':'; }

absl::Status CheckName(absl::string_view option, const std::string& name) {
  const bool good = std::all_of(name.begin(), name.end(), IsNameCharacter);
  if (good && !name.empty() && name.size() <= kMostNameBytes) return absl::OkStatus();
  return Bad(option, name, "1 to 253 characters of a-z, 0-9, '.', '_' and '-'");
}

// Ids are often made of host names and ports.
absl::Status CheckId(absl::string_view option, const std::string& id) {
  const bool good = std::all_of(id.begin(), id.end(), IsIdCharacter);
  if (good && !id.empty() && id.size() <= kMostNameBytes) return absl::OkStatus();
  return Bad(option, id, "1 to 253 characters of A-Z, a-z, 0-9, '.', '_', '-' and ':'");
}

absl::Status CheckTtl(absl::string_view option, absl::Duration ttl) {
  if (ttl >= kShortestTtl && ttl <= kLongestTtl) return absl::OkStatus();
  return Bad(option, absl::FormatDuration(ttl), "1 s to 10 min");
}

absl::Status CheckServer(const std::string& server) {
  const size_t colon = server.rfind(':');
  uint32_t port = 0;
  if (colon != std::string::npos && colon > 0 &&
      absl::SimpleAtoi(server.substr(colon + 1), &port) && port >= 1 && port <= 65535) {
    return absl::OkStatus();
  }
  return Bad("servers", server, "must be host:port, with a port of 1 to 65535");
}

}  // namespace

absl::Status Validate(const ClientOptions& options) {
  if (options.servers.empty()) {
    return absl::InvalidArgumentError("servers: at least one is needed");
  }
  for (const std::string& server : options.servers) RETURN_IF_ERROR(CheckServer(server));
  RETURN_IF_ERROR(CheckName("name_space", options.name_space));
  RETURN_IF_ERROR(CheckTtl("session_ttl", options.session_ttl));
  if (options.rpc_timeout <= absl::ZeroDuration()) {
    return Bad("rpc_timeout", absl::FormatDuration(options.rpc_timeout), "must be above 0");
  }
  if (options.tls && options.tls->cert_file.empty() != options.tls->key_file.empty()) {
    return absl::InvalidArgumentError("tls: cert_file and key_file go together");
  }
  return absl::OkStatus();
}

absl::Status Validate(const InstanceOptions& options) {
  RETURN_IF_ERROR(CheckName("service", options.service));
  if (!options.id.empty()) RETURN_IF_ERROR(CheckId("id", options.id));
  if (options.weight > kMostWeight) {
    return Bad("weight", absl::StrCat(options.weight), "0 to 10000");
  }
  if (options.ttl != absl::ZeroDuration()) RETURN_IF_ERROR(CheckTtl("ttl", options.ttl));
  for (const Endpoint& endpoint : options.endpoints) {
    if (endpoint.address.empty() || endpoint.port == 0) {
      return Bad("endpoints", endpoint.Target(), "address and port must be set");
    }
  }
  if (options.drain_time < absl::ZeroDuration()) {
    return Bad("drain_time", absl::FormatDuration(options.drain_time), "must not be negative");
  }
  return absl::OkStatus();
}

absl::Status ValidateService(const std::string& service) { return CheckName("service", service); }

}  // namespace rollcall::sdk
