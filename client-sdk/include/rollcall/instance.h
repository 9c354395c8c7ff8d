// Instance, Endpoint, Locality, Standing: what the registry says of one instance of a service.
//
// Plain values; immutable once they are part of a view.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "rollcall/export.h"

namespace rollcall {

// Where something runs, from the widest to the narrowest; parts may be empty.
struct Locality {
  std::string region = {};
  std::string zone = {};
  std::string sub_zone = {};

  friend bool operator==(const Locality&, const Locality&) = default;
};

// One address under which an instance can be called.
struct ROLLCALL_EXPORT Endpoint {
  // Tells several endpoints of one instance apart, for example "grpc" and "admin"; may be empty.
  std::string name = {};
  // Host name or IP literal, without the port.
  std::string address = {};
  uint16_t port = 0;
  // For example "grpc" or "http"; may be empty.
  std::string protocol = {};

  // "address:port", with brackets around an IPv6 literal.
  std::string Target() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// What is true of an instance; see docs/guarantees.md.
enum class Standing {
  kUnspecified,
  kStarting,      // registered, not yet known good
  kPassing,       // alive and well
  kSuspect,       // its stream broke or a heartbeat is overdue
  kCritical,      // its checks fail
  kDraining,      // callers should leave; existing work may finish
  kOutOfService,  // an operator took it out
};

// "PASSING" for kPassing, and so on.
ROLLCALL_EXPORT const char* StandingName(Standing standing);

struct ROLLCALL_EXPORT Instance {
  std::string service = {};
  std::string id = {};
  std::vector<Endpoint> endpoints = {};
  // After overrides; 0 is never picked while another instance can be.
  uint32_t weight = 100;
  Locality locality = {};
  std::string version = {};
  std::map<std::string, std::string> metadata = {};
  Standing standing = Standing::kUnspecified;
  // Fencing number, new at each registration.
  uint64_t lease_epoch = 0;
  // The registry's revision at which it last changed.
  uint64_t revision = 0;

  // The endpoint of this name, or the first one if `name` is empty; null if there is none.
  const Endpoint* FindEndpoint(absl::string_view name = "") const;
  // Target() of that endpoint, or "".
  std::string Target(absl::string_view endpoint = "") const;

  friend bool operator==(const Instance&, const Instance&) = default;
};

// Instances are shared by the views that hold them and stay valid after the view is gone.
using InstancePtr = std::shared_ptr<const Instance>;

}  // namespace rollcall
