#include "cli/verbs/arguments.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/print/times.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

absl::Status Wrong(absl::string_view text, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", expected));
}

// Takes "prod:" off the front; else it is `ns`.
absl::StatusOr<std::string> TakeNamespace(absl::string_view ns, absl::string_view& text) {
  // One that comes after the slash belongs to the id.
  const size_t colon = text.substr(0, text.find('/')).find(':');
  if (colon != absl::string_view::npos) {
    if (colon == 0) return Wrong(text, "NAMESPACE:SERVICE; write for example prod:user");
    ns = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  RETURN_IF_ERROR(CheckOneNamespace(ns));
  return std::string(ns);
}

}  // namespace

absl::Status CheckOneNamespace(absl::string_view ns) {
  if (ns != "*") return absl::OkStatus();
  return absl::InvalidArgumentError(
      "-n '*': only services, override list and watch without a SERVICE take all namespaces; name "
      "one namespace here");
}

absl::StatusOr<v1::InstanceKey> ParseInstanceKey(absl::string_view ns, absl::string_view text) {
  absl::string_view rest = text;
  RETURN_IF_ERROR(TakeNamespace(ns, rest).status());
  const auto key = ParsePartialKey(ns, text);
  if (!key.ok() || key->id().empty()) return Wrong(text, "SERVICE/ID; write for example user/u1");
  return key;
}

absl::StatusOr<v1::InstanceKey> ParsePartialKey(absl::string_view ns, absl::string_view text) {
  absl::string_view rest = text;
  ASSIGN_OR_RETURN(std::string space, TakeNamespace(ns, rest));
  const std::vector<std::string> parts = absl::StrSplit(rest, '/');
  const bool empty_part = parts.size() == 2 && (parts[0].empty() || parts[1].empty());
  if (parts.size() > 2 || empty_part) {
    return Wrong(text, "SERVICE or SERVICE/ID; write for example user or user/u1");
  }
  v1::InstanceKey key;
  key.set_namespace_(std::move(space));
  key.set_service(parts[0]);
  if (parts.size() == 2) key.set_id(parts[1]);
  return key;
}

absl::StatusOr<v1::ServiceKey> ParseServiceKey(absl::string_view ns, absl::string_view text) {
  absl::string_view rest = text;
  ASSIGN_OR_RETURN(std::string space, TakeNamespace(ns, rest));
  if (rest.empty() || absl::StrContains(rest, '/')) {
    return Wrong(text, "a SERVICE; write its name alone, for example user");
  }
  v1::ServiceKey key;
  key.set_namespace_(std::move(space));
  key.set_service(std::string(rest));
  return key;
}

absl::StatusOr<v1::Endpoint> ParseEndpoint(absl::string_view text) {
  const auto wrong = [&] {
    return Wrong(text,
                 "an endpoint; write host:port or name=host:port with a port of 1 to 65535, for "
                 "example 10.0.0.1:9000");
  };
  v1::Endpoint endpoint;
  absl::string_view rest = text;
  if (const size_t equals = rest.find('='); equals != absl::string_view::npos) {
    endpoint.set_name(std::string(rest.substr(0, equals)));
    rest.remove_prefix(equals + 1);
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return wrong();
  uint32_t port = 0;
  if (!absl::SimpleAtoi(rest.substr(colon + 1), &port) || port == 0 || port > 65535) return wrong();
  absl::string_view host = rest.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!brackets && absl::StrContains(host, ':'))) return wrong();
  endpoint.set_address(std::string(host));
  endpoint.set_port(port);
  return endpoint;
}

absl::Status AddMetadata(absl::string_view text, v1::InstanceSpec& spec) {
  const std::pair<std::string, std::string> pair = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (pair.first.empty() || !absl::StrContains(text, '=')) {
    return Wrong(text, "metadata; write --meta key=value");
  }
  if (spec.mutable_metadata()->insert({pair.first, pair.second}).second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--meta: \"", pair.first, "\" is given twice; a key has one value"));
}

absl::StatusOr<std::vector<std::string>> ParseServers(absl::string_view text) {
  std::vector<std::string> servers = absl::StrSplit(text, ',', absl::SkipWhitespace());
  for (std::string& server : servers) {
    absl::StripAsciiWhitespace(&server);
    if (!ParseEndpoint(server).ok() || absl::StrContains(server, '=')) {
      return Wrong(server, "a server; write --server host:port[,host:port…]");
    }
  }
  if (servers.empty()) return Wrong(text, "a server; write --server host:port");
  return servers;
}

absl::StatusOr<absl::Duration> ParseSpan(absl::string_view option, absl::string_view text) {
  const auto span = ParseDuration(text);
  if (span.ok() && *span > absl::ZeroDuration()) return span;
  return absl::InvalidArgumentError(span.ok()
                                        ? absl::StrCat(option, ": must be longer than 0")
                                        : absl::StrCat(option, ": ", span.status().message()));
}

}  // namespace rollcall::cli
