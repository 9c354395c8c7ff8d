// Offline: carries out what an OfflineLine asks for: restores a backup file, or migrates a store.
//
// Prints what it did on stdout, how far it is and what went wrong on stderr. Blocks until it is
// done. Ended in the middle by a signal it leaves the old store, or one that says that it is not
// complete.
#pragma once

#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "server/app/offline/offline_line.h"

namespace rollcall::app {

// Answers the exit code: 0 done, 1 not done, 2 wrong use, 3 etcd cannot be reached.
// `random` is good for ids.
int RunOffline(const OfflineLine& line, const base::Clock& clock, base::Random& random);

}  // namespace rollcall::app
