// HealthJournal: tells the log what the session table found worth telling.
//
// Lives on the core executor.
#pragma once

#include "server/health/health_events.h"
#include "server/observe/log.h"

namespace rollcall::node {

class HealthJournal final : public health::HealthEvents {
 public:
  explicit HealthJournal(observe::Log& log) : log_(log) {}

  void BrakeEngaged(const v1::BrakeInfo& brake) override;
  void BrakeEnded(const v1::BrakeInfo& brake, absl::string_view why) override;
  void BrakeReleased(const ServiceName& service, absl::string_view actor, uint32_t held) override;
  void BreaksSuppressed(size_t sessions) override;

 private:
  observe::Log& log_;
};

}  // namespace rollcall::node
