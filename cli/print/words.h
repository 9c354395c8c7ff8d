// Words for the values of the API: standings, causes, keys, endpoints, as tables and sentences say
// them.
//
// Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "rollcall/v1/operations.pb.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::cli {

// "PASSING" for STANDING_PASSING; "-" for STANDING_UNSPECIFIED.
std::string StandingWord(v1::Standing standing);
// "stream broken" for CAUSE_STREAM_BROKEN; "" for CAUSE_UNSPECIFIED.
std::string CausePhrase(v1::Cause cause);
// "DRAINING" for OVERRIDE_MODE_DRAINING; "weight only" for OVERRIDE_MODE_UNSPECIFIED.
std::string OverrideWord(v1::OverrideMode mode);
// "user/u1"; without an id "user"; with the namespace in front, "shop:user/u1", unless it is
// "default".
std::string KeyText(const v1::InstanceKey& key);
v1::InstanceKey KeyOf(const v1::InstanceSpec& spec);
// "10.0.0.1:80", "grpc=10.0.0.1:80", "[::1]:80".
std::string EndpointText(const v1::Endpoint& endpoint);
// All endpoints, comma-joined; "-" for none.
std::string EndpointsText(const v1::InstanceSpec& spec);
// "eu/a/rack1", leaving out what is unset at the end; "-" for nothing.
std::string LocalityText(const v1::Locality& locality);
// "stream broken: connection closed (by n1)": a cause, what was seen, and who did it.
std::string WhyText(v1::Cause cause, absl::string_view evidence, absl::string_view actor);
// "-" for nothing.
std::string OrDash(std::string text);
// "1 instance", "2 instances".
std::string Count(uint64_t n, absl::string_view noun);

}  // namespace rollcall::cli
