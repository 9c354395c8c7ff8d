// A process that has an ephemeral node in ZooKeeper and pings, to be killed or stopped.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace rollcall::bench {

// See BeVictim.
int BeZooKeeperVictim(const std::string& address, uint64_t mark, absl::Duration ttl);

}  // namespace rollcall::bench
