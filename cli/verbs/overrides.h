// What drain, undrain and override share: looking an override up.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "cli/client/registry.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

// The override of one instance, if there is one.
absl::StatusOr<std::optional<v1::Override>> FindOverride(Registry& registry,
                                                         const v1::InstanceKey& key);

}  // namespace rollcall::cli
