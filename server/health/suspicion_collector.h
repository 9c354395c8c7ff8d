// SuspicionCollector: gathers broken streams for kGather, then suspects their sessions, or, when so
// many broke at once that the fault is likely not theirs, gives them a third of their TTL to come
// back (policy/mass_break.h).
//
// Belongs to the health executor.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/health/accounted_clock.h"
#include "server/health/health_events.h"
#include "server/health/policy/mass_break.h"
#include "server/health/session_book.h"
#include "server/health/verdicts.h"

namespace rollcall::health {

class SuspicionCollector {
 public:
  static constexpr absl::Duration kGather = absl::Milliseconds(5);

  SuspicionCollector(base::Executor& executor, const base::Clock& clock,
                     const AccountedClock& accounted, SessionBook& book, Verdicts& verdicts,
                     HealthTally& tally, HealthEvents& events)
      : executor_(executor),
        clock_(clock),
        accounted_(accounted),
        book_(book),
        verdicts_(verdicts),
        tally_(tally),
        events_(events) {}

  // The stream of `session`, from `peer`, broke.
  void Broke(const Session& session, const std::string& peer);

 private:
  void Judge();
  // Back already, even if it went on since then, or gone: nobody to suspect.
  Session* StillBroken(uint64_t number);

  base::Executor& executor_;
  const base::Clock& clock_;
  const AccountedClock& accounted_;
  SessionBook& book_;
  Verdicts& verdicts_;
  HealthTally& tally_;
  HealthEvents& events_;

  MassBreak mass_break_;
  std::vector<uint64_t> gathered_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::health
