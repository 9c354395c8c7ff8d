// BareCommit: RocksDB with its defaults, and nothing above it: what one synced write costs here.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "tests/integration/support/temp_dir.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace rollcall::bench {

class BareCommit {
 public:
  BareCommit();
  ~BareCommit();
  BareCommit(const BareCommit&) = delete;
  BareCommit& operator=(const BareCommit&) = delete;

  // Writes so many new records of so many bytes as one batch, synced; how long that took.
  absl::Duration Commit(int records, size_t bytes);

 private:
  const integration::TempDir directory_;
  std::unique_ptr<rocksdb::DB> db_;
  uint64_t next_ = 0;
};

}  // namespace rollcall::bench
