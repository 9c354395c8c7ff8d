// A process that registers and beats, to be killed or stopped: at a server of rollcall.v1, or as
// the peers' own do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tests/integration/support/process.h"

namespace rollcall::bench {

// What `rollcall_bench --be-victim OF ADDRESS MARK TTL_MS` runs: says "registered." when it is, and
// beats each third of the TTL until it is ended. `of` is kOurs or the name of a peer, whose victims
// are their own.
int BeVictim(const std::string& address, uint64_t mark, absl::Duration ttl);

// Registered when this returns.
std::unique_ptr<integration::Process> LaunchVictim(const std::string& of,
                                                   const std::string& address, uint64_t mark,
                                                   absl::Duration ttl);

}  // namespace rollcall::bench
