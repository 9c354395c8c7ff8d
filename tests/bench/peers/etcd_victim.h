// A process that has a key under a lease in etcd and keeps it alive, to be killed or stopped.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace rollcall::bench {

// See BeVictim.
int BeEtcdVictim(const std::string& address, uint64_t mark, absl::Duration ttl);

}  // namespace rollcall::bench
