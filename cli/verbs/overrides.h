// What drain, undrain and override share: looking an override up, and what is left of it.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/client/registry.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

// The override of one instance, if there is one.
absl::StatusOr<std::optional<v1::Override>> FindOverride(Registry& registry,
                                                         const v1::InstanceKey& key);

// How long one with an end still holds at `now`; at least a second, which is as short as one may
// be.
absl::Duration LeftOf(const v1::Override& override, absl::Time now);

}  // namespace rollcall::cli
