#include "rollcall/instance.h"

#include "absl/strings/str_cat.h"

namespace rollcall {

std::string Endpoint::Target() const {
  if (address.find(':') != std::string::npos) return absl::StrCat("[", address, "]:", port);
  return absl::StrCat(address, ":", port);
}

const char* StandingName(Standing standing) {
  switch (standing) {
    case Standing::kUnspecified:
      return "UNSPECIFIED";
    case Standing::kStarting:
      return "STARTING";
    case Standing::kPassing:
      return "PASSING";
    case Standing::kSuspect:
      return "SUSPECT";
    case Standing::kCritical:
      return "CRITICAL";
    case Standing::kDraining:
      return "DRAINING";
    case Standing::kOutOfService:
      return "OUT_OF_SERVICE";
  }
  return "UNSPECIFIED";
}

const Endpoint* Instance::FindEndpoint(absl::string_view name) const {
  for (const Endpoint& endpoint : endpoints) {
    if (name.empty() || endpoint.name == name) return &endpoint;
  }
  return nullptr;
}

std::string Instance::Target(absl::string_view endpoint) const {
  const Endpoint* found = FindEndpoint(endpoint);
  return found == nullptr ? "" : found->Target();
}

}  // namespace rollcall
