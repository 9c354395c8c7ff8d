// What was seen, in the words that history and `explain` show. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/health/session.h"

namespace rollcall::health {

// Of a session at `now` (accounted time); `last_sign` as SessionBook gives it.
struct Sighting {
  base::Instant now;
  base::Instant last_sign;
};

std::string BrokenEvidence(const Session& session, const Sighting& seen);
std::string OverdueEvidence(const Session& session, const Sighting& seen);
std::string RenewedEvidence(const Session& session);
std::string EvictedEvidence(const Session& session, const Sighting& seen);
std::string LeftEvidence(const Session& session);

// "live", "suspect", "leaving" or "ended".
absl::string_view StateWord(SessionState state);

}  // namespace rollcall::health
