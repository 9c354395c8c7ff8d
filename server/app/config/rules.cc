#include "server/app/config/rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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
  if (!config.tls_ca.empty() && !config.tls()) {
    return Bad("tls-ca", "turns no TLS on by itself: give tls-cert and tls-key too");
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

absl::Status CheckAdvertise(const Config& config) {
  if (config.advertise.empty()) return absl::OkStatus();
  const absl::StatusOr<Address> address = ParseAddress(config.advertise);
  if (!address.ok()) {
    return Bad("advertise",
               absl::StrCat("\"", config.advertise, "\" ", address.status().message()));
  }
  if (address->port != 0) return absl::OkStatus();
  return Bad("advertise", absl::StrCat("\"", config.advertise,
                                       "\": port 0 is no place where others reach this node"));
}

absl::Status CheckEmbedded(const Config& config) {
  const std::pair<const char*, const std::string*> kEtcdOnly[] = {
      {"etcd", &config.etcd},           {"etcd-user", &config.etcd_user},
      {"etcd-ca", &config.etcd_ca},     {"etcd-cert", &config.etcd_cert},
      {"advertise", &config.advertise}, {"etcd-password-file", &config.etcd_password_file},
      {"etcd-key", &config.etcd_key},
  };
  for (const auto& [name, value] : kEtcdOnly) {
    if (!value->empty()) return Bad(name, "is for a cluster: give store etcd too, or leave it out");
  }
  return absl::OkStatus();
}

absl::Status CheckEndpoints(const std::string& endpoints) {
  for (absl::string_view url : absl::StrSplit(endpoints, ',')) {
    absl::string_view rest = absl::StripAsciiWhitespace(url);
    const bool scheme =
        absl::ConsumePrefix(&rest, "http://") || absl::ConsumePrefix(&rest, "https://");
    const absl::StatusOr<Address> address = ParseAddress(rest);
    if (scheme && address.ok() && address->port != 0) continue;
    return Bad("etcd", absl::StrCat("\"", url, "\" is not http://host:port or https://host:port"));
  }
  return absl::OkStatus();
}

absl::Status CheckCluster(const Config& config) {
  if (!config.cluster()) return CheckEmbedded(config);
  if (config.etcd.empty()) {
    return Bad("etcd",
               "store etcd needs the members' addresses, for example "
               "http://10.0.0.1:2379,http://10.0.0.2:2379");
  }
  RETURN_IF_ERROR(CheckEndpoints(config.etcd));
  if (config.etcd_prefix.empty() || config.etcd_prefix.back() != '/') {
    return Bad("etcd-prefix", absl::StrCat("\"", config.etcd_prefix, "\" does not end with /"));
  }
  if (config.etcd_prefix.find_first_not_of('/') == std::string::npos) {
    return Bad("etcd-prefix",
               absl::StrCat("\"", config.etcd_prefix,
                            "\" would claim all that others keep in etcd: restore with --force "
                            "deletes it; name a place of its own, such as /rollcall/"));
  }
  if (config.etcd_user.empty() != config.etcd_password_file.empty()) {
    return Bad("etcd-user",
               "a user and the file of its password belong together: give both "
               "etcd-user and etcd-password-file");
  }
  if (config.etcd_cert.empty() != config.etcd_key.empty()) {
    return Bad(config.etcd_cert.empty() ? "etcd-key" : "etcd-cert",
               "a certificate and its key belong together: give both etcd-cert and etcd-key");
  }
  return CheckAdvertise(config);
}

}  // namespace

absl::Status CheckRules(const Config& config) {
  RETURN_IF_ERROR(CheckNodeId(config.node_id));
  RETURN_IF_ERROR(CheckTtls(config));
  RETURN_IF_ERROR(CheckTls(config));
  if (config.data.empty()) return Bad("data", "needs a directory");
  RETURN_IF_ERROR(CheckCluster(config));
  return CheckAddresses(config);
}

}  // namespace rollcall::config
