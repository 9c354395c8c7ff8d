#include "tests/bench/sides/bare_commit.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <string>

#include "absl/strings/str_format.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {

BareCommit::BareCommit() {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory_.File("db"), &db);
  if (!status.ok()) integration::Fail("RocksDB: " + status.ToString());
  db_.reset(db);
}

BareCommit::~BareCommit() = default;

absl::Duration BareCommit::Commit(int records, size_t bytes) {
  const std::string value(bytes, 'x');
  const integration::Stopwatch watch;
  rocksdb::WriteBatch batch;
  for (int i = 0; i < records; ++i) batch.Put(absl::StrFormat("%016x", next_++), value);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status status = db_->Write(synced, &batch);
  if (!status.ok()) integration::Fail("RocksDB: " + status.ToString());
  return watch.elapsed();
}

}  // namespace rollcall::bench
