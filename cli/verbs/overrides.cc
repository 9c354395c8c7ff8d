#include "cli/verbs/overrides.h"

#include <algorithm>

#include "cli/print/times.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {

absl::StatusOr<std::optional<v1::Override>> FindOverride(Registry& registry,
                                                         const v1::InstanceKey& key) {
  v1::ListOverridesRequest request;
  request.set_namespace_(key.namespace_());
  request.set_service(key.service());
  // What is decided by it is written: it must not be what a lagging node still believes.
  request.set_consistency(v1::CONSISTENCY_LATEST);
  ASSIGN_OR_RETURN(const auto listed, registry.Call(&v1::Operations::Stub::ListOverrides, request));
  for (const v1::Override& override : listed.overrides()) {
    if (override.key().id() == key.id()) return override;
  }
  return std::nullopt;
}

absl::Duration LeftOf(const v1::Override& override, absl::Time now) {
  return std::max(ToTime(override.expires()) - now, absl::Seconds(1));
}

}  // namespace rollcall::cli
