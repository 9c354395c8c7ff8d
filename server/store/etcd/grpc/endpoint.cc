#include "server/store/etcd/grpc/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::etcd {
namespace {

constexpr absl::string_view kEtcdPort = "2379";

absl::Status Refuse(absl::string_view value, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", value, "\" is not an etcd endpoint: ", why,
                   "; expected http://host:port or https://host:port"));
}

struct HostPort {
  absl::string_view host;
  absl::string_view port;
};

// At the last colon outside the brackets of an IPv6 address.
HostPort Split(absl::string_view authority) {
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  if (colon == authority.npos || (bracket != authority.npos && colon < bracket)) {
    return {authority, kEtcdPort};
  }
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

bool IsHostLetter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_'; }

bool IsV6(absl::string_view text) {
  // What follows it would not be looked at.
  if (absl::StrContains(text, '\0')) return false;
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool IsHost(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) {
    return absl::ConsumeSuffix(&host, "]") && IsV6(host);
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), IsHostLetter);
}

absl::StatusOr<Endpoint> ParseOne(absl::string_view value) {
  Endpoint endpoint;
  absl::string_view rest = value;
  endpoint.tls = absl::ConsumePrefix(&rest, "https://");
  if (!endpoint.tls && !absl::ConsumePrefix(&rest, "http://")) {
    return Refuse(value, "it has no scheme");
  }
  absl::ConsumeSuffix(&rest, "/");
  if (rest.find_first_of("/?#@") != rest.npos) {
    return Refuse(value, "it has more than a host and a port");
  }
  const auto [host, port] = Split(rest);
  if (!IsHost(host)) return Refuse(value, "it has no host (an IPv6 address stands in brackets)");
  int number = 0;
  const bool digits = !port.empty() && std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(port, &number) || number < 1 || number > 65535) {
    return Refuse(value, absl::StrCat("\"", port, "\" is not a port (1 to 65535)"));
  }
  endpoint.url = std::string(value);
  endpoint.address = absl::StrCat(host, ":", number);
  return endpoint;
}

absl::Status CheckFits(const std::vector<Endpoint>& others, const Endpoint& endpoint) {
  for (const Endpoint& other : others) {
    if (other.address == endpoint.address) {
      return absl::InvalidArgumentError(
          absl::StrCat("etcd endpoint \"", endpoint.url, "\" is given twice; each once"));
    }
    if (other.tls != endpoint.tls) {
      return absl::InvalidArgumentError(
          absl::StrCat("etcd endpoints \"", other.url, "\" and \"", endpoint.url,
                       "\" differ in their scheme; expected all http or all https"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Endpoint>> ParseEndpoints(absl::string_view list) {
  std::vector<Endpoint> endpoints;
  for (const absl::string_view part : absl::StrSplit(list, ',')) {
    ASSIGN_OR_RETURN(Endpoint endpoint, ParseOne(absl::StripAsciiWhitespace(part)));
    RETURN_IF_ERROR(CheckFits(endpoints, endpoint));
    endpoints.push_back(std::move(endpoint));
  }
  if (endpoints.size() > kMostEndpoints) {
    return absl::InvalidArgumentError(absl::StrCat(
        endpoints.size(), " etcd endpoints are given; expected at most ", kMostEndpoints));
  }
  return endpoints;
}

}  // namespace rollcall::etcd
