// Hardship: whose session may have ended because he could not do his part at the time: he was cut
// off or stopped then, or a moment before. Whether it ended rightly, the oracle of evictions says.
#pragma once

#include <map>
#include <string>

#include "tests/sim/world/world.h"

namespace rollcall::sim {

class Hardship {
 public:
  void OnChange(const World& world, const TruthChange& change) {
    if (change.session == nullptr || change.purged || change.session_before == nullptr) return;
    if (change.session->state() != internal::v1::SESSION_STATE_ENDED) return;
    if (const Process* process = world.ProcessOf(change.session->client_name())) {
      ended_hampered_[process->name] = process->hampered_until >= world.now();
    }
  }
  // That he registers anew now.
  bool Excuses(const World& world, const Process& process) const {
    if (process.hampered_until >= world.now()) return true;
    const auto at = ended_hampered_.find(process.name);
    return at != ended_hampered_.end() && at->second;
  }

 private:
  std::map<std::string, bool> ended_hampered_;  // of the newest session that has ended
};

}  // namespace rollcall::sim
