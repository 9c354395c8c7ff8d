#include "client-sdk/src/convert.h"

namespace rollcall::sdk {
namespace {

Locality LocalityFromProto(const v1::Locality& from) {
  return {from.region(), from.zone(), from.sub_zone()};
}

void LocalityToProto(const Locality& from, v1::Locality& to) {
  to.set_region(from.region);
  to.set_zone(from.zone);
  to.set_sub_zone(from.sub_zone);
}

void EndpointToProto(const Endpoint& from, v1::Endpoint& to) {
  to.set_name(from.name);
  to.set_address(from.address);
  to.set_port(from.port);
  to.set_protocol(from.protocol);
}

Standing StandingFromProto(v1::Standing from) {
  // Same numbers on purpose; one that is newer than this SDK is not served.
  if (from < v1::STANDING_UNSPECIFIED || from > v1::STANDING_OUT_OF_SERVICE) {
    return Standing::kUnspecified;
  }
  return static_cast<Standing>(from);
}
static_assert(static_cast<int>(Standing::kUnspecified) == v1::STANDING_UNSPECIFIED);
static_assert(static_cast<int>(Standing::kStarting) == v1::STANDING_STARTING);
static_assert(static_cast<int>(Standing::kPassing) == v1::STANDING_PASSING);
static_assert(static_cast<int>(Standing::kSuspect) == v1::STANDING_SUSPECT);
static_assert(static_cast<int>(Standing::kCritical) == v1::STANDING_CRITICAL);
static_assert(static_cast<int>(Standing::kDraining) == v1::STANDING_DRAINING);
static_assert(static_cast<int>(Standing::kOutOfService) == v1::STANDING_OUT_OF_SERVICE);

}  // namespace

InstancePtr InstanceFromProto(const v1::Instance& from) {
  auto to = std::make_shared<Instance>();
  const v1::InstanceSpec& spec = from.spec();
  to->service = spec.service();
  to->id = spec.id();
  for (const v1::Endpoint& endpoint : spec.endpoints()) {
    to->endpoints.push_back({endpoint.name(), endpoint.address(),
                             static_cast<uint16_t>(endpoint.port()), endpoint.protocol()});
  }
  to->weight = from.effective_weight();
  to->locality = LocalityFromProto(spec.locality());
  to->version = spec.version();
  to->metadata.insert(spec.metadata().begin(), spec.metadata().end());
  to->standing = StandingFromProto(from.standing());
  to->lease_epoch = from.lease_epoch();
  to->revision = from.revision();
  return to;
}

v1::Instance InstanceToProto(const Instance& from) {
  v1::Instance to;
  v1::InstanceSpec& spec = *to.mutable_spec();
  spec.set_service(from.service);
  spec.set_id(from.id);
  for (const Endpoint& endpoint : from.endpoints) EndpointToProto(endpoint, *spec.add_endpoints());
  LocalityToProto(from.locality, *spec.mutable_locality());
  spec.set_version(from.version);
  spec.mutable_metadata()->insert(from.metadata.begin(), from.metadata.end());
  to.set_standing(static_cast<v1::Standing>(from.standing));
  to.set_effective_weight(from.weight);
  to.set_lease_epoch(from.lease_epoch);
  to.set_revision(from.revision);
  return to;
}

v1::InstanceSpec SpecFromOptions(const InstanceOptions& options, const std::string& name_space,
                                 const Locality& fallback) {
  v1::InstanceSpec spec;
  spec.set_namespace_(name_space);
  spec.set_service(options.service);
  spec.set_id(options.id);
  for (const Endpoint& e : options.endpoints) EndpointToProto(e, *spec.add_endpoints());
  spec.set_weight(options.weight);
  LocalityToProto(options.locality.value_or(fallback), *spec.mutable_locality());
  spec.set_version(options.version);
  spec.mutable_metadata()->insert(options.metadata.begin(), options.metadata.end());
  spec.set_lifetime(v1::LIFETIME_EPHEMERAL);
  spec.set_start_unready(options.start_unready);
  return spec;
}

absl::Duration DurationFromProto(const google::protobuf::Duration& from) {
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

void DurationToProto(absl::Duration from, google::protobuf::Duration& to) {
  to.set_seconds(absl::IDivDuration(from, absl::Seconds(1), &from));
  to.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from)));
}

}  // namespace rollcall::sdk
