// From the wire's messages to the SDK's public values and back. Pure.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "rollcall/instance.h"
#include "rollcall/registration.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::sdk {

InstancePtr InstanceFromProto(const v1::Instance& from);
v1::Instance InstanceToProto(const Instance& from);
// `fallback` is the locality if the options have none.
v1::InstanceSpec SpecFromOptions(const InstanceOptions& options, const std::string& name_space,
                                 const Locality& fallback);

absl::Duration DurationFromProto(const google::protobuf::Duration& from);
void DurationToProto(absl::Duration from, google::protobuf::Duration& to);

}  // namespace rollcall::sdk
