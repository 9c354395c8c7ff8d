// Values as people write them: durations, sizes, addresses, lists of etcd members, and what the CLI
// takes.
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/print/times.h"
#include "cli/verbs/arguments.h"
#include "server/app/config/parse_values.h"
#include "server/store/etcd/grpc/endpoint.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

// What Show… prints, Parse… reads.
template <typename T, typename Show, typename Parse>
void CheckShown(const absl::StatusOr<T>& value, Show show, Parse parse) {
  if (!value.ok()) return ExpectRefusal(value.status(), absl::StatusCode::kInvalidArgument);
  const std::string shown = show(*value);
  const auto again = parse(shown);
  Expect(again.ok(), "what is shown can be read");
  Expect(*again == *value, "and is the same");
}

void CheckAddress(const std::string& text) {
  const auto address = config::ParseAddress(text);
  CheckShown(address, config::ShowAddress, config::ParseAddress);
  if (!address.ok()) return;
  Expect(!address->host.empty(), "an address has a host");
  Expect(!config::IsLoopback(*address) || address->host == "localhost" ||
             config::IsIpLiteral(address->host),
         "a loopback address is an address");
}

void CheckEndpoints(const std::string& text) {
  const auto endpoints = etcd::ParseEndpoints(text);
  if (!endpoints.ok()) {
    return ExpectRefusal(endpoints.status(), absl::StatusCode::kInvalidArgument);
  }
  Expect(!endpoints->empty() && endpoints->size() <= etcd::kMostEndpoints, "one to the limit");
  for (const etcd::Endpoint& endpoint : *endpoints) {
    Expect(endpoint.tls == endpoints->front().tls, "all with the same scheme");
    const auto address = config::ParseAddress(endpoint.address);
    Expect(address.ok() && address->port != 0, "each a host and a port");
    const auto again =
        etcd::ParseEndpoints(absl::StrCat(endpoint.tls ? "https://" : "http://", endpoint.address));
    Expect(again.ok() && again->front().address == endpoint.address, "written out it is the same");
  }
}

void CheckCliEndpoint(const std::string& text) {
  const auto endpoint = cli::ParseEndpoint(text);
  if (!endpoint.ok()) return ExpectRefusal(endpoint.status(), absl::StatusCode::kInvalidArgument);
  Expect(!endpoint->address().empty(), "an endpoint has a host");
  Expect(endpoint->port() >= 1 && endpoint->port() <= 65535, "and a port");
}

void CheckCliNames(const std::string& text) {
  if (const auto key = cli::ParseInstanceKey("ns", text); key.ok()) {
    const std::string named = absl::StrCat(key->service(), "/", key->id());
    Expect(named == text || absl::StrCat(key->namespace_(), ":", named) == text,
           "SERVICE/ID is both, NAMESPACE: before it is taken off");
    Expect(cli::ParsePartialKey("ns", text).ok() && !cli::ParseServiceKey("ns", text).ok(),
           "and more than a service");
  }
  if (const auto key = cli::ParseServiceKey("ns", text); key.ok()) {
    Expect(key->service() == text || absl::StrCat(key->namespace_(), ":", key->service()) == text,
           "SERVICE is one, NAMESPACE: before it is taken off");
    Expect(cli::ParsePartialKey("ns", text).ok() && !key->namespace_().empty(), "and of one");
  }
  v1::InstanceSpec spec;
  if (cli::AddMetadata(text, spec).ok()) {
    const auto& [key, value] = *spec.metadata().begin();
    Expect(absl::StrCat(key, "=", value) == text && !key.empty(), "key=value is both");
  }
  if (const auto servers = cli::ParseServers(text); servers.ok()) {
    Expect(!servers->empty(), "there is a server");
    for (const std::string& server : *servers) Expect(cli::ParseEndpoint(server).ok(), "each one");
  }
}

void CheckCliTimes(const std::string& text) {
  if (const auto span = cli::ParseSpan("--for", text); span.ok()) {
    Expect(*span > absl::ZeroDuration() && *span < absl::InfiniteDuration(), "a span is one");
    Expect(!cli::SpanText(*span).empty() && !cli::AgeText(*span).empty(), "and can be shown");
  }
  cli::Look look;
  look.now = absl::FromUnixSeconds(1'700'000'000);
  look.zone = absl::UTCTimeZone();
  if (const auto time = cli::ParseTime(text, look); time.ok()) {
    Expect(*time > absl::InfinitePast() && *time < absl::InfiniteFuture(), "a time is a moment");
    if (*time < absl::UnixEpoch() || *time > absl::FromUnixSeconds(200'000'000'000)) return;
    const auto again = cli::ParseTime(absl::FormatTime(*time, look.zone), look);
    Expect(again.ok() && *again == *time, "and the same when it is written out");
  }
}

}  // namespace

FUZZ_TARGET(values) {
  Bytes bytes(input);
  const uint8_t kind = bytes.Byte() % 8;
  const std::string text = bytes.Rest();
  switch (kind) {
    case 0:
      return CheckShown(config::ParseDuration(text), config::ShowDuration, config::ParseDuration);
    case 1:
      return CheckShown(config::ParseSize(text), config::ShowSize, config::ParseSize);
    case 2:
      return CheckAddress(text);
    case 3:
      return CheckShown(config::ParseAddresses(text), config::ShowAddresses,
                        config::ParseAddresses);
    case 4:
      return CheckEndpoints(text);
    case 5:
      return CheckCliEndpoint(text);
    case 6:
      return CheckCliNames(text);
    default:
      return CheckCliTimes(text);
  }
}

}  // namespace rollcall::fuzz
