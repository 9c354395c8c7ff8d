// When a change was committed: etcd does not keep it, so it is told by the records themselves.
//
// The newest stamp of the records in it; a change without records has the time of its arrival. A
// time in the future is taken back to the arrival's, and one before the change before it is raised
// to that one's, so history runs forward whatever the clocks of the nodes that wrote it. Nodes may
// therefore differ in it by the delay and by what they saw before. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/store/store.h"

namespace rollcall::etcd {

// nullopt: `key` names no record, or `value` cannot be read.
std::optional<absl::Time> StampTime(const std::string& key, const std::string& value);

absl::Time CommitTime(const store::ChangeSet& change, absl::Time before, absl::Time arrival);

}  // namespace rollcall::etcd
