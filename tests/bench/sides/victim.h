// A process that registers at a server of rollcall.v1 and beats, to be killed or stopped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tests/integration/support/process.h"

namespace rollcall::bench {

// What `rollcall_bench --be-victim ADDRESS MARK TTL_MS` runs: says so when it is registered, and
// beats each third of the TTL until it is ended.
int BeVictim(const std::string& address, uint64_t mark, absl::Duration ttl);

// Registered when this returns.
std::unique_ptr<integration::Process> LaunchVictim(const std::string& address, uint64_t mark,
                                                   absl::Duration ttl);

}  // namespace rollcall::bench
