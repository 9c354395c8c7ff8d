// AuditRound: what the nodes answered about one revision, and what that says.
//
// Pure.
#pragma once

#include <map>
#include <set>

#include "server/model/ids.h"
#include "server/store/record_hash.h"

namespace rollcall::cluster {

using AuditAnswers = std::map<NodeId, store::RecordsHash>;

// Those whose answer is not that of the most. When two answers have the most, nobody can tell who
// is right: everyone is among them.
std::set<NodeId> Outvoted(const AuditAnswers& answers);

}  // namespace rollcall::cluster
