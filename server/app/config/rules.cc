#include "server/app/config/rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/parse_values.h"
#include "server/model/limits.h"

namespace rollcall::config {
namespace {

absl::Status Bad(absl::string_view option, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", rule));
}

absl::Status CheckNodeId(const std::string& id) {
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
  });
  if (plain && id.size() <= kMaxNameBytes) return absl::OkStatus();
  return Bad("node-id", absl::StrCat("\"", id, "\" is not a name of up to ", kMaxNameBytes,
                                     " characters of a-z, 0-9, \".\", \"_\" and \"-\""));
}

absl::Status CheckTtls(const Config& config) {
  if (config.max_ttl < config.min_ttl) {
    return Bad("min-ttl", absl::StrCat("\"", ShowDuration(config.min_ttl), "\" is above max-ttl, ",
                                       ShowDuration(config.max_ttl)));
  }
  if (config.default_ttl < config.min_ttl || config.max_ttl < config.default_ttl) {
    return Bad("default-ttl",
               absl::StrCat("\"", ShowDuration(config.default_ttl), "\" is not within min-ttl, ",
                            ShowDuration(config.min_ttl), ", and max-ttl, ",
                            ShowDuration(config.max_ttl)));
  }
  return absl::OkStatus();
}

absl::Status CheckTls(const Config& config) {
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return Bad(config.tls_cert.empty() ? "tls-key" : "tls-cert",
               "a certificate and its key belong together: give both tls-cert and tls-key");
  }
  if (config.tls_client_auth && (!config.tls() || config.tls_ca.empty())) {
    return Bad("tls-client-auth", "needs tls-cert, tls-key and tls-ca");
  }
  return absl::OkStatus();
}

absl::Status CheckGrpcReach(const Address& address, const Config& config) {
  if (IsLoopback(address) || config.tls() || config.insecure) return absl::OkStatus();
  return Bad("listen",
             absl::StrCat("\"", ShowAddress(address),
                          "\" can be reached from other machines, and TLS is not set up. Give "
                          "tls-cert and tls-key, or listen on 127.0.0.1, or say insecure to let "
                          "anyone who reaches the port change anything"));
}

// HTTP has no TLS, whatever gRPC has.
absl::Status CheckHttpReach(const Config& config) {
  if (IsLoopback(config.http) || config.insecure) return absl::OkStatus();
  return Bad("http", absl::StrCat("\"", ShowAddress(config.http),
                                  "\" can be reached from other machines, and HTTP is plain, also "
                                  "when gRPC has TLS. Use 127.0.0.1, or say insecure to let anyone "
                                  "who reaches the port read health and metrics"));
}

absl::Status CheckAddresses(const Config& config) {
  for (const Address& address : config.listen) {
    RETURN_IF_ERROR(CheckGrpcReach(address, config));
    const auto same = std::count(config.listen.begin(), config.listen.end(), address);
    if (same > 1 && address.port != 0) {
      return Bad("listen", absl::StrCat("\"", ShowAddress(address), "\" is given twice"));
    }
    if (address == config.http && address.port != 0) {
      return Bad("http", absl::StrCat("\"", ShowAddress(address), "\" is taken by listen"));
    }
  }
  if (!IsIpLiteral(config.http.host) && config.http.host != "localhost") {
    return Bad("http", absl::StrCat("\"", config.http.host, "\" is not an IP address"));
  }
  return CheckHttpReach(config);
}

}  // namespace

absl::Status CheckRules(const Config& config) {
  RETURN_IF_ERROR(CheckNodeId(config.node_id));
  RETURN_IF_ERROR(CheckTtls(config));
  RETURN_IF_ERROR(CheckTls(config));
  if (config.data.empty()) return Bad("data", "needs a directory");
  return CheckAddresses(config);
}

}  // namespace rollcall::config
