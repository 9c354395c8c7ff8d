#include "server/health/policy/mass_break.h"

#include "absl/container/flat_hash_set.h"
#include "server/model/host_of.h"

namespace rollcall::health {

void MassBreak::Add(base::Instant now, uint64_t session, absl::string_view peer) {
  Forget(now);
  breaks_.push_back({now, session, std::string(HostOf(peer))});
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

}  // namespace rollcall::health
