#include "server/node/health_journal.h"

namespace rollcall::node {

void HealthJournal::BrakeEngaged(const v1::BrakeInfo& brake) {
  log_.Warning(
      "eviction brake engaged: too much would go at once; `rollcall brake release` lifts it",
      {{"namespace", brake.namespace_()},
       {"service", brake.service()},
       {"zone", brake.zone()},
       {"would_go", brake.would_go()},
       {"at_window_start", brake.at_window_start()},
       {"share", brake.share()}});
}

void HealthJournal::BrakeEnded(const v1::BrakeInfo& brake, absl::string_view why) {
  log_.Info("eviction brake ended", {{"namespace", brake.namespace_()},
                                     {"service", brake.service()},
                                     {"zone", brake.zone()},
                                     {"why", why}});
}

void HealthJournal::BrakeReleased(const ServiceName& service, absl::string_view actor,
                                  uint32_t held) {
  log_.Info(
      "eviction brake released",
      {{"namespace", service.ns}, {"service", service.service}, {"by", actor}, {"held", held}});
}

void HealthJournal::BreaksSuppressed(size_t sessions) {
  log_.Warning("many streams broke at once; suspecting their sessions only if they stay away",
               {{"sessions", static_cast<uint64_t>(sessions)}});
}

}  // namespace rollcall::node
