// The list of instances that a session lost to another process or an operator. Pure.
#pragma once

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/ids.h"

namespace rollcall::command {

// Adds or renews an entry; the oldest goes when the list is full.
void AddLost(internal::v1::SessionRecord& session, const InstanceName& name, LeaseEpoch epoch);
bool IsLost(const internal::v1::SessionRecord& session, const InstanceName& name);

}  // namespace rollcall::command
