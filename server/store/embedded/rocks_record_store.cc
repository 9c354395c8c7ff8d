#include "server/store/embedded/rocks_record_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/mend_logs.h"

namespace rollcall::store {
namespace {

using rocksdb::Slice;

constexpr size_t kReadAhead = 2 << 20;

// A store that does not sync flushes by itself, long before RocksDB would: see FlushInTime.
constexpr uint64_t kUnsyncedBufferFactor = 4;
// What a key and value take in a memtable beside their bytes, about.
constexpr uint64_t kEntryBytes = 64;

// A copy of another store in which damage was found: it is not opened again.
constexpr char kDamagedFile[] = "/damaged";

// Told once, however many errors follow from the first.
class FailureReport {
 public:
  // `mark`: a file to make when damage is found; empty: none.
  FailureReport(std::function<void(std::string)> tell, rocksdb::Env& env, std::string mark)
      : tell_(std::move(tell)), env_(env), mark_(std::move(mark)) {}
  void Tell(const std::string& what) {
    if (!told_.exchange(true) && tell_) tell_(what);
  }
  void Tell(const std::string& what, const rocksdb::Status& status) {
    // Best effort: the next start finds the same damage, if later.
    if (status.IsCorruption() && !mark_.empty() && !marked_.exchange(true)) {
      rocksdb::WriteStringToFile(&env_, what, mark_, true).PermitUncheckedError();
    }
    Tell(what);
  }

 private:
  const std::function<void(std::string)> tell_;
  rocksdb::Env& env_;
  const std::string mark_;
  std::atomic<bool> told_{false};
  std::atomic<bool> marked_{false};
};

class BackgroundErrors final : public rocksdb::EventListener {
 public:
  BackgroundErrors(std::string name, std::shared_ptr<FailureReport> report)
      : name_(std::move(name)), report_(std::move(report)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    report_->Tell(absl::StrCat(name_, ": ", error->ToString()), *error);
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status error,
                            bool* auto_recovery) override {
    error.PermitUncheckedError();
    *auto_recovery = false;
  }

 private:
  const std::string name_;
  const std::shared_ptr<FailureReport> report_;
};

// One column family holds all tables, told apart by the first byte: one memtable, one log, so what
// is on disk is always one moment of all of them.
std::string DiskKey(Table table, absl::string_view key) {
  return absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&table), 1), key);
}
Slice ToSlice(const std::string& s) { return {s.data(), s.size()}; }
absl::string_view ToView(const Slice& s) { return {s.data(), s.size()}; }

// The reasons are in docs/storage_format.md, "Settings".
rocksdb::Options OptionsFor(const RocksOptions& wanted) {
  rocksdb::Options options;
  if (wanted.env != nullptr) options.env = wanted.env;
  options.create_if_missing = true;
  // What was never synced may be missing anywhere from the first gap on: all before it is a true
  // state, for every batch is whole.
  options.wal_recovery_mode = wanted.sync ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                          : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.paranoid_checks = true;
  options.paranoid_file_checks = true;
  options.max_bgerror_resume_count = 0;
  options.manual_wal_flush = false;
  options.recycle_log_file_num = 0;
  options.wal_compression = rocksdb::kNoCompression;
  options.atomic_flush = false;
  options.max_background_flushes = 1;
  options.max_background_compactions = 1;
  options.max_write_buffer_number = 2;
  options.write_buffer_size =
      wanted.sync ? wanted.write_buffer_bytes : kUnsyncedBufferFactor * wanted.write_buffer_bytes;
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.target_file_size_base = wanted.write_buffer_bytes;
  options.max_bytes_for_level_base = 4 * wanted.write_buffer_bytes;
  options.max_compaction_bytes = 2 * wanted.write_buffer_bytes;
  options.compression = rocksdb::kLZ4Compression;
  options.max_open_files = 512;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 2;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(wanted.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// What is on the disk is not what was written to it: RocksDB names it in many ways.
bool IsDamage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound() ||
         status.IsNotFound();
}

absl::Status CannotOpen(const std::string& name, const rocksdb::Status& status) {
  const std::string what = absl::StrCat(name, " cannot be opened: ", status.ToString());
  return IsDamage(status) ? absl::DataLossError(what) : absl::FailedPreconditionError(what);
}

absl::Status CannotOpen(const std::string& name, const absl::Status& status) {
  const std::string what = absl::StrCat(name, " cannot be opened: ", status.message());
  return absl::IsDataLoss(status) ? absl::DataLossError(what) : absl::FailedPreconditionError(what);
}

absl::Status CheckNotMarked(rocksdb::Env& env, const std::string& mark) {
  if (mark.empty() || !env.FileExists(mark).ok()) return absl::OkStatus();
  return absl::DataLossError("damage was found in it when it was last read");
}

}  // namespace

struct RocksRecordStore::Database {
  Database(std::string name, std::shared_ptr<FailureReport> report)
      : name(std::move(name)), report(std::move(report)) {}

  absl::Status Failed(const rocksdb::Status& status) const {
    const std::string what = absl::StrCat(name, ": ", status.ToString());
    report->Tell(what, status);
    return status.IsCorruption() ? absl::DataLossError(what) : absl::UnavailableError(what);
  }

  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key,
                                                 const rocksdb::Snapshot* at) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    std::string value;
    const rocksdb::Status status = db->Get(options, ToSlice(DiskKey(table, key)), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return Failed(status);
    return std::optional<std::string>(std::move(value));
  }

  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink,
                    const rocksdb::Snapshot* at) const {
    if (!range.to.empty() && range.to <= range.from) return absl::OkStatus();
    const std::string from = DiskKey(table, range.from);
    const std::string to =
        range.to.empty() ? std::string(1, static_cast<char>(table) + 1) : DiskKey(table, range.to);
    const Slice lower = ToSlice(from);
    const Slice upper = ToSlice(to);
    rocksdb::ReadOptions options;
    options.snapshot = at;
    options.iterate_lower_bound = &lower;
    options.iterate_upper_bound = &upper;
    if (range.once) {
      options.fill_cache = false;
      options.readahead_size = kReadAhead;
    }
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(options));
    const auto visit = [&] { return sink(ToView(it->key()).substr(1), ToView(it->value())); };
    if (range.newest_first) {
      for (it->SeekToLast(); it->Valid() && visit(); it->Prev()) {
      }
    } else {
      for (it->SeekToFirst(); it->Valid() && visit(); it->Next()) {
      }
    }
    return it->status().ok() ? absl::OkStatus() : Failed(it->status());
  }

  const std::string name;
  const std::shared_ptr<FailureReport> report;
  std::unique_ptr<rocksdb::DB> db;
};

namespace {

// The newest state at one moment.
template <typename Database>
class SnapshotReader final : public RecordReader {
 public:
  explicit SnapshotReader(const Database& database)
      : database_(database), snapshot_(database.db->GetSnapshot()) {}
  ~SnapshotReader() override { database_.db->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                 absl::string_view key) const override {
    return database_.Get(table, key, snapshot_);
  }
  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const override {
    return database_.Scan(table, range, sink, snapshot_);
  }

 private:
  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RocksRecordStore>> RocksRecordStore::Open(RocksOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<DataDirectory> directory,
                   DataDirectory::Hold(options.directory));
  SpaceGuard space(directory->path(), {options.keep_free_bytes, options.reserve_bytes},
                   options.free_bytes);
  RETURN_IF_ERROR(space.Prepare());
  const std::string name = absl::StrCat("data directory \"", directory->path(), "\"");
  rocksdb::Options rocks = OptionsFor(options);
  const std::string mark = options.sync ? "" : directory->path() + kDamagedFile;
  auto report = std::make_shared<FailureReport>(options.on_failure, *rocks.env, mark);
  auto database = std::make_unique<Database>(name, report);
  rocks.listeners.push_back(std::make_shared<BackgroundErrors>(name, report));
  absl::Status usable = CheckNotMarked(*rocks.env, mark);
  if (usable.ok()) usable = MendLogs(*rocks.env, directory->path(), options.sync);
  if (!usable.ok()) return CannotOpen(name, usable);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(rocks, directory->path(), &db);
  if (!status.ok()) return CannotOpen(name, status);
  database->db.reset(db);
  return std::unique_ptr<RocksRecordStore>(new RocksRecordStore(
      std::move(directory), std::move(space), std::move(options), std::move(database)));
}

RocksRecordStore::RocksRecordStore(std::unique_ptr<DataDirectory> directory, SpaceGuard space,
                                   RocksOptions options, std::unique_ptr<Database> database)
    : directory_(std::move(directory)),
      space_(std::move(space)),
      options_(std::move(options)),
      database_(std::move(database)) {}

RocksRecordStore::~RocksRecordStore() = default;

absl::StatusOr<std::optional<std::string>> RocksRecordStore::Get(Table table,
                                                                 absl::string_view key) const {
  return database_->Get(table, key, nullptr);
}

absl::Status RocksRecordStore::Scan(Table table, const ScanRange& range, ScanSink sink) const {
  return database_->Scan(table, range, sink, nullptr);
}

absl::Status RocksRecordStore::Admit(const Batch& batch) {
  absl::Status admitted = space_.Admit(batch.bytes(), batch.frees_space());
  const bool full = absl::IsResourceExhausted(admitted);
  if (!admitted.ok() && !full) database_->report->Tell(admitted.ToString());
  // What frees space goes on for longer, and says nothing of the rest.
  if (full != full_ && (full || !batch.frees_space())) {
    full_ = full;
    if (options_.on_space) options_.on_space(admitted);
  }
  return admitted;
}

absl::Status RocksRecordStore::Write(const Batch& batch) {
  if (absl::Status admitted = Admit(batch); !admitted.ok()) return admitted;
  rocksdb::WriteOptions options;
  options.sync = options_.sync;
  options.protection_bytes_per_key = 8;
  rocksdb::WriteBatch writes(batch.bytes() + 16 * batch.operations().size(), 0, 8, 0);
  for (const Batch::Operation& operation : batch.operations()) {
    const std::string key = DiskKey(operation.table, operation.key);
    const rocksdb::Status added = operation.value
                                      ? writes.Put(ToSlice(key), ToSlice(*operation.value))
                                      : writes.Delete(ToSlice(key));
    if (!added.ok()) return database_->Failed(added);
  }
  const rocksdb::Status written = database_->db->Write(options, &writes);
  if (!written.ok()) return database_->Failed(written);
  return options_.sync ? absl::OkStatus() : FlushInTime(batch);
}

// RocksDB begins another log when a memtable is full, and writes to it while the memtable is
// flushed. Unsynced, the end of the first log could be lost and the second be kept: changes would
// be missing in the middle, and nobody would know. So memtables are never full: they are flushed
// while nothing is written, and of two logs the earlier is needed no more once the later has
// anything in it.
absl::Status RocksRecordStore::FlushInTime(const Batch& batch) {
  unflushed_bytes_ += batch.bytes() + kEntryBytes * batch.operations().size();
  if (unflushed_bytes_ < options_.write_buffer_bytes) return absl::OkStatus();
  unflushed_bytes_ = 0;
  const rocksdb::Status flushed = database_->db->Flush(rocksdb::FlushOptions());
  return flushed.ok() ? absl::OkStatus() : database_->Failed(flushed);
}

std::unique_ptr<const RecordReader> RocksRecordStore::Snapshot() const {
  return std::make_unique<SnapshotReader<Database>>(*database_);
}

std::string RocksRecordStore::name() const { return database_->name; }

}  // namespace rollcall::store
