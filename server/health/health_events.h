// HealthEvents: what is worth a line in the log or an alert. Called on the health executor, once
// for each occurrence.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "rollcall/v1/operations.pb.h"
#include "server/model/ids.h"

namespace rollcall::health {

class HealthEvents {
 public:
  virtual ~HealthEvents() = default;
  virtual void BrakeEngaged(const v1::BrakeInfo& brake) = 0;
  virtual void BrakeEnded(const v1::BrakeInfo& brake, absl::string_view why) = 0;
  // `actor` lets the held evictions of `service` go on.
  virtual void BrakeReleased(const ServiceName& service, absl::string_view actor,
                             uint32_t held) = 0;
  // So many streams broke at once that none of their sessions is suspected yet.
  virtual void BreaksSuppressed(size_t sessions) = 0;
};

}  // namespace rollcall::health
