// Which watchers have applied a revision of a service. Pure.
#pragma once

#include "client-sdk/base/instant.h"
#include "rollcall/v1/operations.pb.h"
#include "server/feed/roster.h"
#include "server/model/ids.h"

namespace rollcall::feed {

// A subscription has applied `revision` when it acknowledged that or a later one, and also when it
// acknowledged all it was sent while nothing at or below `revision` is left to send: it subscribed
// later, or what changed was not for it. A watcher has when all its subscriptions to the service
// have. `heard`: all changes at or below have been handed to the subscriptions. At most
// kMaxLaggardsTold laggards are named; `complete` counts all.
v1::GetDrainStatusResponse DrainStatusOf(const Roster& roster, const ServiceName& name,
                                         Revision revision, Revision heard, base::Instant now);

// Adds what another publisher answered.
void MergeDrainStatus(const v1::GetDrainStatusResponse& from, v1::GetDrainStatusResponse& into);

}  // namespace rollcall::feed
