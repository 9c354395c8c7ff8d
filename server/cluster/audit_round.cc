#include "server/cluster/audit_round.h"

#include <algorithm>
#include <utility>

namespace rollcall::cluster {

std::set<NodeId> Outvoted(const AuditAnswers& answers) {
  std::map<std::pair<uint64_t, uint64_t>, size_t> votes;
  for (const auto& [id, answer] : answers) ++votes[{answer.hash, answer.records}];
  size_t most = 0;
  for (const auto& [answer, count] : votes) most = std::max(most, count);
  const bool decided = std::count_if(votes.begin(), votes.end(),
                                     [most](const auto& vote) { return vote.second == most; }) == 1;
  std::set<NodeId> outvoted;
  for (const auto& [id, answer] : answers) {
    if (!decided || votes[{answer.hash, answer.records}] < most) outvoted.insert(id);
  }
  return outvoted;
}

}  // namespace rollcall::cluster
