// Which instances go with their session, and the record that stands for a removed one. Pure.
#pragma once

#include <vector>

#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

// Keeps what history needs: the name, the epoch, the session.
internal::v1::InstanceRecord Tombstone(const Versioned<internal::v1::InstanceRecord>& old,
                                       const internal::v1::Stamp& stamp);

// The instances that are removed in the transaction that ends their session: all of them, or none
// if they are more than kAtomicRegistrationInstances; those are removed after it.
std::vector<InstanceName> GoWithSession(const Facts& facts, const SessionId& session);

}  // namespace rollcall::command
