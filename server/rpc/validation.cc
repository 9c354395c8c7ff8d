#include "server/rpc/validation.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/limits.h"
#include "server/model/name_rules.h"
#include "server/model/names.h"
#include "server/model/selector.h"
#include "server/model/times.h"

namespace rollcall::rpc {
namespace {

absl::Status Refuse(absl::string_view field, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", rule));
}

// Completes and checks a namespace.
absl::Status CheckNamespace(std::string& ns, absl::string_view field, bool star = false) {
  if (ns.empty()) ns = kDefaultNamespace;
  if (star && ns == "*") return absl::OkStatus();
  return CheckName(ns, field);
}

absl::Status CheckHex(absl::string_view value, absl::string_view field) {
  const auto is_hex = [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); };
  if (value.size() == 32 && std::all_of(value.begin(), value.end(), is_hex)) {
    return absl::OkStatus();
  }
  return Refuse(field, absl::StrCat("must be 32 lower-case hex digits (16 random bytes), has ",
                                    value.size(), " characters"));
}

absl::Status CheckConsistency(v1::Consistency consistency) {
  if (v1::Consistency_IsValid(consistency)) return absl::OkStatus();
  return Refuse("consistency", absl::StrCat(static_cast<int>(consistency),
                                            " is not a known consistency; ask for ANY or LATEST"));
}

// What is refused, with where it is in front: paths are put together for refusals only, for they
// took 2 % of a registration.
absl::Status In(absl::string_view parent, const absl::Status& refusal) {
  if (refusal.ok()) return refusal;
  return absl::Status(refusal.code(), absl::StrCat(parent, ".", refusal.message()));
}

// A colon is that of an IPv6 address, which stands without brackets and may name its zone; else a
// port would be taken for part of the host.
bool HoldsPort(const std::string& address) {
  if (address.find_first_of("[]") != std::string::npos) return true;
  if (address.find(':') == std::string::npos) return false;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &v6) != 1;
}

absl::Status CheckEndpoint(const v1::Endpoint& endpoint) {
  RETURN_IF_ERROR(ValidateText(endpoint.name(), "name"));
  RETURN_IF_ERROR(ValidateText(endpoint.protocol(), "protocol"));
  const std::string& address = endpoint.address();
  const auto bad = [](char c) {
    return absl::ascii_isspace(c) || absl::ascii_iscntrl(c) || c == '/';
  };
  if (address.empty() || address.size() > kMaxAddressBytes ||
      std::any_of(address.begin(), address.end(), bad) || HoldsPort(address)) {
    return Refuse("address",
                  absl::StrCat(Quoted(address), " must be a host name or IP address of 1 to ",
                               kMaxAddressBytes, " bytes, without port, spaces and '/'"));
  }
  if (endpoint.port() < 1 || endpoint.port() > 65535) {
    return Refuse("port", absl::StrCat(endpoint.port(), " must be 1 to 65535"));
  }
  return absl::OkStatus();
}

absl::Status CheckEndpoints(const v1::InstanceSpec& spec) {
  if (spec.endpoints().empty()) return Refuse("endpoints", "give at least one");
  if (spec.endpoints_size() > static_cast<int>(kMaxEndpoints)) {
    return Refuse("endpoints",
                  absl::StrCat(spec.endpoints_size(), " are over the limit of ", kMaxEndpoints));
  }
  for (int i = 0; i < spec.endpoints_size(); ++i) {
    const absl::Status status = CheckEndpoint(spec.endpoints(i));
    if (!status.ok()) return In(absl::StrCat("endpoints[", i, "]"), status);
    const std::string& name = spec.endpoints(i).name();
    for (int other = 0; other < i && !name.empty(); ++other) {
      if (spec.endpoints(other).name() != name) continue;
      return Refuse(absl::StrCat("endpoints[", i, "].name"),
                    absl::StrCat(Quoted(name), " names endpoints[", other, "] too"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMetadata(const v1::InstanceSpec& spec) {
  if (spec.metadata().size() > kMaxMetadataKeys) {
    return Refuse("metadata", absl::StrCat(spec.metadata().size(), " keys are over the limit of ",
                                           kMaxMetadataKeys));
  }
  size_t bytes = 0;
  for (const auto& [key, value] : spec.metadata()) {
    if (key.empty()) return Refuse("metadata", "a key must not be empty");
    bytes += key.size() + value.size();
  }
  if (bytes > kMaxMetadataBytes) {
    return Refuse("metadata",
                  absl::StrCat(bytes, " bytes are over the limit of ", kMaxMetadataBytes));
  }
  return absl::OkStatus();
}

void DropUnknown(google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (reflection.GetUnknownFields(message).empty()) return;
  reflection.MutableUnknownFields(&message)->Clear();
}

// As its DiscardUnknownFields, which goes through all fields by reflection and took 2 % of a
// registration.
void DiscardUnknown(v1::InstanceSpec& spec) {
  DropUnknown(spec);
  for (v1::Endpoint& endpoint : *spec.mutable_endpoints()) DropUnknown(endpoint);
  if (spec.has_locality()) DropUnknown(*spec.mutable_locality());
}

absl::Status CheckSpec(v1::InstanceSpec& spec) {
  RETURN_IF_ERROR(CheckNamespace(*spec.mutable_namespace_(), "namespace"));
  RETURN_IF_ERROR(CheckName(spec.service(), "service"));
  RETURN_IF_ERROR(CheckId(spec.id(), "id"));
  RETURN_IF_ERROR(CheckEndpoints(spec));
  if (spec.has_weight() && spec.weight() > kMaxWeight) {
    return Refuse("weight", absl::StrCat(spec.weight(), " is over the limit of ", kMaxWeight));
  }
  RETURN_IF_ERROR(ValidateText(spec.locality().region(), "locality.region"));
  RETURN_IF_ERROR(ValidateText(spec.locality().zone(), "locality.zone"));
  RETURN_IF_ERROR(ValidateText(spec.locality().sub_zone(), "locality.sub_zone"));
  RETURN_IF_ERROR(ValidateText(spec.version(), "version"));
  RETURN_IF_ERROR(CheckMetadata(spec));
  if (!v1::Lifetime_IsValid(spec.lifetime())) {
    return Refuse("lifetime",
                  absl::StrCat(static_cast<int>(spec.lifetime()), " is not a known lifetime"));
  }
  if (spec.lifetime() == v1::LIFETIME_STATIC && spec.start_unready()) {
    return Refuse("start_unready", "is not for LIFETIME_STATIC: nobody would say that it is ready");
  }
  if (spec.lifetime() == v1::LIFETIME_UNSPECIFIED) spec.set_lifetime(v1::LIFETIME_EPHEMERAL);
  DiscardUnknown(spec);
  // Equal content must make equal bytes.
  if (spec.has_locality() && spec.locality().ByteSizeLong() == 0) spec.clear_locality();
  return absl::OkStatus();
}

absl::Status CheckTtl(v1::RegisterRequest& request, const TtlBounds& bounds) {
  if (!request.has_ttl() || FromProto(request.ttl()) == absl::ZeroDuration()) {
    *request.mutable_ttl() = ToProto(bounds.standard);
  }
  const absl::Duration ttl = FromProto(request.ttl());
  if (ttl >= bounds.min && ttl <= bounds.most) return absl::OkStatus();
  return Refuse(
      "ttl", absl::StrCat(absl::FormatDuration(ttl), " must be ", absl::FormatDuration(bounds.min),
                          " to ", absl::FormatDuration(bounds.most)));
}

absl::Status CheckSelector(const std::string& selector) {
  return Selector::Parse(selector).status();
}

}  // namespace

absl::Status ValidateText(absl::string_view text, absl::string_view field) {
  if (text.size() > kMaxTextBytes) {
    return Refuse(field, absl::StrCat(text.size(), " bytes are over the limit of ", kMaxTextBytes));
  }
  if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return Refuse(field, "must hold no control characters");
  }
  return absl::OkStatus();
}

absl::Status Validate(v1::RegisterRequest& request, const TtlBounds& bounds) {
  if (request.instances().empty()) return Refuse("instances", "give at least one");
  if (request.instances_size() > static_cast<int>(kMaxInstancesPerRequest)) {
    return Refuse("instances", absl::StrCat(request.instances_size(), " are over the limit of ",
                                            kMaxInstancesPerRequest, " in one request"));
  }
  std::set<InstanceName> seen;
  bool ephemeral = false;
  for (int i = 0; i < request.instances_size(); ++i) {
    v1::InstanceSpec& spec = *request.mutable_instances(i);
    const auto field = [i] { return absl::StrCat("instances[", i, "]"); };
    if (const absl::Status status = CheckSpec(spec); !status.ok()) return In(field(), status);
    if (request.instances_size() > 1 && !seen.insert(NameOf(spec)).second) {
      return Refuse(field(), absl::StrCat(Spoken(NameOf(spec)), " is named twice in the request"));
    }
    ephemeral |= spec.lifetime() == v1::LIFETIME_EPHEMERAL;
  }
  RETURN_IF_ERROR(ValidateText(request.client_name(), "client_name"));
  const bool named = !request.session_id().empty() || !request.session_secret().empty();
  if (named) {
    RETURN_IF_ERROR(CheckHex(request.session_id(), "session_id"));
    RETURN_IF_ERROR(CheckHex(request.session_secret(), "session_secret"));
  }
  if (!ephemeral) return absl::OkStatus();
  return CheckTtl(request, bounds);
}

absl::Status Validate(v1::DeregisterRequest& request) {
  const bool named = !request.session_id().empty() || !request.session_secret().empty();
  if (named) {
    RETURN_IF_ERROR(CheckHex(request.session_id(), "session_id"));
    RETURN_IF_ERROR(CheckHex(request.session_secret(), "session_secret"));
  } else if (request.instances().empty()) {
    return Refuse("instances", "give at least one, or a session to end");
  }
  if (request.instances_size() > static_cast<int>(kMaxInstancesPerRequest)) {
    return Refuse("instances", absl::StrCat(request.instances_size(), " are over the limit of ",
                                            kMaxInstancesPerRequest, " in one request"));
  }
  for (int i = 0; i < request.instances_size(); ++i) {
    RETURN_IF_ERROR(ValidateKey(*request.mutable_instances(i), absl::StrCat("instances[", i, "]")));
  }
  return absl::OkStatus();
}

absl::Status Validate(const v1::KeepAliveRequest::Open& open) {
  RETURN_IF_ERROR(CheckHex(open.session_id(), "open.session_id"));
  return CheckHex(open.session_secret(), "open.session_secret");
}

absl::Status Validate(v1::ResolveRequest& request) {
  RETURN_IF_ERROR(CheckNamespace(*request.mutable_namespace_(), "namespace"));
  RETURN_IF_ERROR(CheckName(request.service(), "service"));
  RETURN_IF_ERROR(CheckConsistency(request.consistency()));
  return CheckSelector(request.selector());
}

absl::Status Validate(v1::GetInstanceRequest& request) {
  RETURN_IF_ERROR(ValidateKey(*request.mutable_key(), "key"));
  return CheckConsistency(request.consistency());
}

absl::Status Validate(v1::ListServicesRequest& request) {
  return CheckNamespace(*request.mutable_namespace_(), "namespace", /*star=*/true);
}

absl::Status Validate(v1::SetOverrideRequest& request) {
  RETURN_IF_ERROR(ValidateKey(*request.mutable_key(), "key"));
  RETURN_IF_ERROR(ValidateText(request.actor(), "actor"));
  RETURN_IF_ERROR(ValidateText(request.reason(), "reason"));
  if (!v1::OverrideMode_IsValid(request.mode())) {
    return Refuse("mode", absl::StrCat(static_cast<int>(request.mode()), " is not a known mode"));
  }
  if (request.mode() == v1::OVERRIDE_MODE_UNSPECIFIED && !request.has_weight()) {
    return Refuse("mode", "give a mode or a weight");
  }
  if (request.has_weight() && request.weight() > kMaxWeight) {
    return Refuse("weight", absl::StrCat(request.weight(), " is over the limit of ", kMaxWeight));
  }
  if (!request.has_duration()) return absl::OkStatus();
  const absl::Duration duration = FromProto(request.duration());
  if (duration >= absl::Seconds(1) && duration <= kMaxOverride) return absl::OkStatus();
  return Refuse("duration", absl::StrCat(absl::FormatDuration(duration), " must be 1s to ",
                                         absl::FormatDuration(kMaxOverride)));
}

absl::Status Validate(v1::ListOverridesRequest& request) {
  RETURN_IF_ERROR(CheckNamespace(*request.mutable_namespace_(), "namespace", /*star=*/true));
  RETURN_IF_ERROR(CheckConsistency(request.consistency()));
  return request.service().empty() ? absl::OkStatus() : CheckName(request.service(), "service");
}

absl::Status Validate(v1::GetServiceRequest& request) {
  RETURN_IF_ERROR(ValidateKey(*request.mutable_key(), "key"));
  return CheckConsistency(request.consistency());
}

absl::Status Validate(v1::ServiceSpec& spec) {
  RETURN_IF_ERROR(CheckNamespace(*spec.mutable_namespace_(), "spec.namespace"));
  RETURN_IF_ERROR(CheckName(spec.service(), "spec.service"));
  const v1::EvictionBrake& brake = spec.eviction_brake();
  if (brake.has_share() && !(brake.share() > 0 && brake.share() <= 1)) {
    return Refuse("spec.eviction_brake.share",
                  absl::StrCat(brake.share(), " must be above 0 and at most 1"));
  }
  if (brake.has_window_seconds() && (brake.window_seconds() < 1 || brake.window_seconds() > 3600)) {
    return Refuse("spec.eviction_brake.window_seconds",
                  absl::StrCat(brake.window_seconds(), " must be 1 to 3600"));
  }
  if (brake.has_max_hold_seconds() &&
      (brake.max_hold_seconds() < 1 || brake.max_hold_seconds() > 86400)) {
    return Refuse("spec.eviction_brake.max_hold_seconds",
                  absl::StrCat(brake.max_hold_seconds(), " must be 1 to 86400"));
  }
  spec.DiscardUnknownFields();
  return absl::OkStatus();
}

absl::Status Validate(v1::GetHistoryRequest& request) {
  RETURN_IF_ERROR(CheckNamespace(*request.mutable_namespace_(), "namespace"));
  if (!request.service().empty()) RETURN_IF_ERROR(CheckName(request.service(), "service"));
  if (!request.id().empty()) {
    if (request.service().empty()) return Refuse("service", "is needed when an id is given");
    RETURN_IF_ERROR(CheckId(request.id(), "id"));
  }
  if (request.limit() == 0) request.set_limit(1000);
  if (request.limit() <= kMaxHistoryRows) return absl::OkStatus();
  return Refuse("limit", absl::StrCat(request.limit(), " is over the limit of ", kMaxHistoryRows));
}

absl::Status Validate(v1::ListInstancesRequest& request) {
  RETURN_IF_ERROR(CheckNamespace(*request.mutable_namespace_(), "namespace"));
  RETURN_IF_ERROR(CheckName(request.service(), "service"));
  return CheckSelector(request.selector());
}

absl::Status ValidateKey(v1::InstanceKey& key, absl::string_view field) {
  RETURN_IF_ERROR(CheckNamespace(*key.mutable_namespace_(), absl::StrCat(field, ".namespace")));
  RETURN_IF_ERROR(CheckName(key.service(), absl::StrCat(field, ".service")));
  return CheckId(key.id(), absl::StrCat(field, ".id"));
}

absl::Status ValidateKey(v1::ServiceKey& key, absl::string_view field) {
  RETURN_IF_ERROR(CheckNamespace(*key.mutable_namespace_(), absl::StrCat(field, ".namespace")));
  return CheckName(key.service(), absl::StrCat(field, ".service"));
}

}  // namespace rollcall::rpc
