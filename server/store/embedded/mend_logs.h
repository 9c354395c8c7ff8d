// MendLogs: makes sure, before RocksDB opens a directory, that its logs are what was written to
// them, and cuts off ends that a loss of power tore; see log_check.h for what is which.
//
// Looks at the manifest in use, and at the write-ahead logs if `all`: a store whose writes are not
// synced may take them up to the first damage. A directory without a database passes. Blocks.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace rollcall::store {

// DATA_LOSS names the file and the place. Other errors are the disk's.
absl::Status MendLogs(rocksdb::Env& env, const std::string& directory, bool all);

}  // namespace rollcall::store
