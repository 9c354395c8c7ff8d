// Endpoint: where an etcd member listens for clients, as an operator writes it:
// http://host:port or https://host:port.
//
// Pure; knows no gRPC.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rollcall::etcd {

struct Endpoint {
  // As written, for people.
  std::string url;
  // host:port; an IPv6 address stands in brackets.
  std::string address;
  bool tls = false;
};

// A list with commas, spaces around them allowed. INVALID_ARGUMENT naming the value and what is
// expected: one to kMostEndpoints of them, no two alike, all with the same scheme. Without a port
// it is etcd's own, 2379.
absl::StatusOr<std::vector<Endpoint>> ParseEndpoints(absl::string_view list);

inline constexpr size_t kMostEndpoints = 16;

}  // namespace rollcall::etcd
