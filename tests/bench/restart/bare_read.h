// What nobody who keeps these records can do without: reading them once, in order, and parsing
// each. One thread, one message at a time, thrown away.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace rollcall::bench {

struct BareRead {
  uint64_t records = 0;
  // Of the opening alone, where there is something to open.
  absl::Duration open;
  // Of all, the opening included.
  absl::Duration wall;
  absl::Duration cpu;
};

// Of the store, or a node's copy of one, that a node left in `directory`.
BareRead ReadDisk(const std::string& directory);
// Of all under /rollcall/ at an etcd member, host:port; in pages as large as a node's.
BareRead ReadEtcd(const std::string& member);

}  // namespace rollcall::bench
