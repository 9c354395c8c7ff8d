// Validation: the one place where requests are checked, before anything else looks at them.
//
// Each function completes what may be left out (namespace, lifetime, TTL) and refuses with
// INVALID_ARGUMENT, naming the field, the value and the rule. Nothing refused has changed anything.
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rollcall/v1/discovery.pb.h"
#include "rollcall/v1/operations.pb.h"
#include "rollcall/v1/registry.pb.h"
#include "server/model/ids.h"

namespace rollcall::rpc {

struct TtlBounds {
  absl::Duration min;
  absl::Duration most;
  absl::Duration standard;
};

absl::Status Validate(v1::RegisterRequest& request, const TtlBounds& bounds);
absl::Status Validate(v1::DeregisterRequest& request);
absl::Status Validate(const v1::KeepAliveRequest::Open& open);
absl::Status Validate(v1::ResolveRequest& request);
absl::Status Validate(v1::GetInstanceRequest& request);
absl::Status Validate(v1::ListServicesRequest& request);
absl::Status Validate(v1::SetOverrideRequest& request);
absl::Status Validate(v1::ListOverridesRequest& request);
absl::Status Validate(v1::GetServiceRequest& request);
absl::Status Validate(v1::ServiceSpec& spec);
absl::Status Validate(v1::GetHistoryRequest& request);
absl::Status Validate(v1::ListInstancesRequest& request);
absl::Status ValidateKey(v1::InstanceKey& key, absl::string_view field);
absl::Status ValidateKey(v1::ServiceKey& key, absl::string_view field);
// An actor, a reason, …: at most kMaxTextBytes of UTF-8 without control characters.
absl::Status ValidateText(absl::string_view text, absl::string_view field);

}  // namespace rollcall::rpc
