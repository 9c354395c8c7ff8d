#include "tests/bench/sides/wire.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {

std::string SessionId(char kind, uint64_t n) {
  return absl::StrFormat("%02x%030x", static_cast<unsigned char>(kind), n);
}

v1::RegisterRequest OpenRequest(char kind, uint64_t n, absl::Duration ttl) {
  v1::RegisterRequest request;
  request.set_session_id(SessionId(kind, n));
  request.set_session_secret(SessionId(kind, n));
  request.set_open(true);
  const int64_t ms = absl::ToInt64Milliseconds(ttl);
  request.mutable_ttl()->set_seconds(ms / 1000);
  request.mutable_ttl()->set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000));
  return request;
}

v1::InstanceSpec Spec(const std::string& service, const std::string& id, size_t bytes) {
  v1::InstanceSpec spec;
  spec.set_service(service);
  spec.set_id(id);
  v1::Endpoint& endpoint = *spec.add_endpoints();
  endpoint.set_name("grpc");
  endpoint.set_address("10.1.2.3");
  endpoint.set_port(8080);
  endpoint.set_protocol("grpc");
  spec.mutable_locality()->set_region("eu-1");
  spec.mutable_locality()->set_zone("eu-1a");
  spec.set_version("1.2.3");
  const size_t so_far = spec.ByteSizeLong() + 12;
  if (bytes > so_far) (*spec.mutable_metadata())["team"] = std::string(bytes - so_far, 'x');
  return spec;
}

uint64_t NumberAtEnd(absl::string_view text) {
  const size_t dash = text.rfind('-');
  uint64_t number = 0;
  if (dash == text.npos || !absl::SimpleAtoi(text.substr(dash + 1), &number)) return 0;
  return number;
}

}  // namespace rollcall::bench
