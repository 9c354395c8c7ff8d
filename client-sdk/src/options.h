// What a user may ask, checked before anything is done. Pure.
#pragma once

#include "absl/status/status.h"
#include "rollcall/client.h"

namespace rollcall::sdk {

// INVALID_ARGUMENT names the option and the rule.
absl::Status Validate(const ClientOptions& options);
absl::Status Validate(const InstanceOptions& options);
absl::Status ValidateService(const std::string& service);

}  // namespace rollcall::sdk
