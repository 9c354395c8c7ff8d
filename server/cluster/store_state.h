// StoreState: how etcd's members are, as one node sees them: for status, metrics and the log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client-sdk/base/instant.h"

namespace rollcall::cluster {

// What to do while etcd's NOSPACE alarm is raised.
inline constexpr char kNoSpaceAdvice[] =
    "etcd has no space left and refuses writes: compact and defragment its members, or raise "
    "--quota-backend-bytes; the sweeper then puts the alarm out, but with etcd-shared do it by "
    "hand "
    "(etcdctl alarm disarm)";

struct StoreMember {
  std::string endpoint;
  // OK: it answered. What follows is then its own word.
  absl::Status status;
  uint64_t id = 0;
  std::string version;
  // Of the file, which alone counts towards the quota, and of what in it is used: compaction lowers
  // the second, defragmentation the first.
  int64_t db_size = 0;
  int64_t db_size_in_use = 0;
  bool leader = false;
  // "NOSPACE", "CORRUPT".
  std::vector<std::string> alarms;

  bool reachable() const { return status.ok(); }
};

struct StoreState {
  // In the order of the endpoints given.
  std::vector<StoreMember> members;
  int64_t quota = 0;
  // Of any member, one that does not answer included.
  bool no_space = false;
  bool corrupt = false;
  // When it was asked.
  base::Instant at;
};

}  // namespace rollcall::cluster
