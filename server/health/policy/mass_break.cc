#include "server/health/policy/mass_break.h"

#include "absl/container/flat_hash_set.h"

namespace rollcall::health {

void MassBreak::Add(base::Instant now, uint64_t session, absl::string_view peer) {
  Forget(now);
  breaks_.push_back({now, session, std::string(PeerHost(peer))});
}

bool MassBreak::Suppresses(base::Instant now, size_t connected) {
  Forget(now);
  absl::flat_hash_set<uint64_t> sessions;
  absl::flat_hash_set<absl::string_view> hosts;
  for (const Break& b : breaks_) {
    sessions.insert(b.session);
    hosts.insert(b.host);
  }
  const size_t broken = sessions.size();
  return broken >= kMinSessions && 2 * broken >= connected + broken && hosts.size() >= kMinHosts;
}

void MassBreak::Forget(base::Instant now) {
  while (!breaks_.empty() && breaks_.front().at + kWindow < now) breaks_.pop_front();
}

absl::string_view PeerHost(absl::string_view peer) {
  const size_t colon = peer.rfind(':');
  if (colon == absl::string_view::npos || colon + 1 == peer.size()) return peer;
  const absl::string_view port = peer.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != absl::string_view::npos) return peer;
  return peer.substr(0, colon);
}

}  // namespace rollcall::health
