#include "server/health/evidence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rollcall::health {
namespace {

std::string Words(absl::Duration d) {
  return absl::FormatDuration(
      absl::Trunc(std::max(d, absl::ZeroDuration()), absl::Milliseconds(1)));
}

std::string LastBeat(const Session& session, const Sighting& seen) {
  const std::string ago = Words(seen.now - seen.last_sign);
  const std::optional<base::Instant> beat = session.cell->last_beat();
  if (beat && *beat >= seen.last_sign) return absl::StrCat("last heartbeat ", ago, " ago");
  // A restart, or an outage of the store, granted the TTL anew.
  return absl::StrCat("no heartbeat in the ", ago, " since its full TTL was granted");
}

std::string StreamWords(const Session& session) {
  if (session.stream != nullptr) return "its stream is open but silent";
  if (session.stream_end.empty()) return "it has no stream to this node";
  return absl::StrCat("its stream ended: ", session.stream_end);
}

std::string OrphanEvidence(const Session& session, const Sighting& seen) {
  return absl::StrCat("its home, node \"", session.home.value(),
                      "\", went away, and it has not opened on another node in the ",
                      Words(seen.now - seen.last_sign), " since, with a TTL of ",
                      Words(session.ttl));
}

}  // namespace

std::string BrokenEvidence(const Session& session, const Sighting& seen) {
  return absl::StrCat(StreamWords(session), "; ", LastBeat(session, seen));
}

std::string OverdueEvidence(const Session& session, const Sighting& seen) {
  if (session.orphan) return OrphanEvidence(session, seen);
  return absl::StrCat(LastBeat(session, seen), " with a TTL of ", Words(session.ttl), "; ",
                      StreamWords(session));
}

std::string RenewedEvidence(const Session& session) {
  if (session.stream == nullptr) return "a heartbeat came";
  return absl::StrCat("a heartbeat came from ", session.stream->stream().peer());
}

std::string EvictedEvidence(const Session& session, const Sighting& seen) {
  std::string words = OverdueEvidence(session, seen);
  if (session.held_since) {
    absl::StrAppend(&words, "; held by the eviction brake for ",
                    Words(seen.now - *session.held_since));
  }
  return words;
}

std::string LeftEvidence(const Session& session) {
  return absl::StrCat("the client said that it stops; ", StreamWords(session));
}

absl::string_view StateWord(SessionState state) {
  switch (state) {
    case internal::v1::SESSION_STATE_LIVE:
      return "live";
    case internal::v1::SESSION_STATE_SUSPECT:
      return "suspect";
    case internal::v1::SESSION_STATE_LEAVING:
      return "leaving";
    case internal::v1::SESSION_STATE_ENDED:
      return "ended";
    default:
      return "unknown";
  }
}

}  // namespace rollcall::health
