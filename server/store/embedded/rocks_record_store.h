// RocksRecordStore: a RecordStore on RocksDB, settled for a store that must never forget what it
// acknowledged: every write synced and checksummed, no repair by itself, no going on after an
// error. (A node's copy of another store need not be synced: see `sync`.)
//
// An error that RocksDB meets (but for a full disk, which is refused before it gets there) is told
// once to `on_failure`, which should stop the process: a restart reads what is durable. Reads are
// thread-safe; one thread writes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/embedded/data_directory.h"
#include "server/store/embedded/space_guard.h"
#include "server/store/record_store.h"

namespace rocksdb {
class Env;
}

namespace rollcall::store {

struct RocksOptions {
  // Of the store alone: made with mode 0700, refused if it holds foreign files.
  std::string directory;
  // Writes are refused below; see SpaceGuard. Covers two memtables and the largest compaction.
  uint64_t keep_free_bytes = 128 << 20;
  uint64_t reserve_bytes = 32 << 20;
  uint64_t write_buffer_bytes = 16 << 20;
  uint64_t block_cache_bytes = 32 << 20;
  // False: for a copy of what is safe elsewhere. Writes are not synced, and what a power loss
  // leaves is a state of the past, without what came after the first damaged or missing write.
  bool sync = true;
  // Called from any thread, at most once, with what happened and where; must not call back.
  std::function<void(std::string what)> on_failure;
  // The disk has become too full to write to (RESOURCE_EXHAUSTED), or has room again (OK). Called
  // by whoever writes.
  std::function<void(const absl::Status&)> on_space;
  FreeBytes free_bytes = FreeBytesOfFileSystem;
  // Where RocksDB's files are, for tests that lose power; must outlive the store. Null: on the
  // disk. Lock and reserve are on the disk in any case.
  rocksdb::Env* env = nullptr;
};

class RocksRecordStore final : public RecordStore {
 public:
  // Blocks. FAILED_PRECONDITION if another process holds the directory; DATA_LOSS if what it holds
  // is damaged.
  static absl::StatusOr<std::unique_ptr<RocksRecordStore>> Open(RocksOptions options);
  ~RocksRecordStore() override;

  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key) const override;
  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const override;
  absl::Status Write(const Batch& batch) override;
  std::unique_ptr<const RecordReader> Snapshot() const override;
  std::string name() const override;
  // See SpaceGuard. Asks the disk; thread-safe.
  absl::Status CheckRoom() const { return space_.CheckRoom(); }

 private:
  struct Database;  // what knows RocksDB

  RocksRecordStore(std::unique_ptr<DataDirectory> directory, SpaceGuard space, RocksOptions options,
                   std::unique_ptr<Database> database);

  absl::Status Admit(const Batch& batch);
  absl::Status FlushInTime(const Batch& batch);

  std::unique_ptr<DataDirectory> directory_;  // let go last
  SpaceGuard space_;
  const RocksOptions options_;
  std::unique_ptr<Database> database_;
  bool full_ = false;
  uint64_t unflushed_bytes_ = 0;  // of a store that does not sync
};

}  // namespace rollcall::store
