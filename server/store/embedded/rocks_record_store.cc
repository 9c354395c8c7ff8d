#include "server/store/embedded/rocks_record_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
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

namespace rollcall::store {
namespace {

using rocksdb::Slice;

constexpr size_t kReadAhead = 2 << 20;

// Told once, however many errors follow from the first.
class FailureReport {
 public:
  explicit FailureReport(std::function<void(std::string)> tell) : tell_(std::move(tell)) {}
  void Tell(std::string what) {
    if (!told_.exchange(true) && tell_) tell_(std::move(what));
  }

 private:
  const std::function<void(std::string)> tell_;
  std::atomic<bool> told_{false};
};

class BackgroundErrors final : public rocksdb::EventListener {
 public:
  BackgroundErrors(std::string name, std::shared_ptr<FailureReport> report)
      : name_(std::move(name)), report_(std::move(report)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    report_->Tell(absl::StrCat(name_, ": ", error->ToString()));
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
  options.write_buffer_size = wanted.write_buffer_bytes;
  options.target_file_size_base = wanted.write_buffer_bytes;
  options.max_bytes_for_level_base = 4 * wanted.write_buffer_bytes;
  options.max_compaction_bytes = 4 * wanted.write_buffer_bytes;
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

}  // namespace

struct RocksRecordStore::Database {
  Database(std::string name, std::shared_ptr<FailureReport> report)
      : name(std::move(name)), report(std::move(report)) {}

  absl::Status Failed(const rocksdb::Status& status) const {
    const std::string what = absl::StrCat(name, ": ", status.ToString());
    report->Tell(what);
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
  auto report = std::make_shared<FailureReport>(options.on_failure);
  auto database = std::make_unique<Database>(name, report);
  rocksdb::Options rocks = OptionsFor(options);
  rocks.listeners.push_back(std::make_shared<BackgroundErrors>(name, report));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(rocks, directory->path(), &db);
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " cannot be opened: ", status.ToString()));
  }
  database->db.reset(db);
  return std::unique_ptr<RocksRecordStore>(new RocksRecordStore(
      std::move(directory), std::move(space), options.sync, std::move(database)));
}

RocksRecordStore::RocksRecordStore(std::unique_ptr<DataDirectory> directory, SpaceGuard space,
                                   bool sync, std::unique_ptr<Database> database)
    : directory_(std::move(directory)),
      space_(std::move(space)),
      sync_(sync),
      database_(std::move(database)) {}

RocksRecordStore::~RocksRecordStore() = default;

absl::StatusOr<std::optional<std::string>> RocksRecordStore::Get(Table table,
                                                                 absl::string_view key) const {
  return database_->Get(table, key, nullptr);
}

absl::Status RocksRecordStore::Scan(Table table, const ScanRange& range, ScanSink sink) const {
  return database_->Scan(table, range, sink, nullptr);
}

absl::Status RocksRecordStore::Write(const Batch& batch) {
  if (absl::Status admitted = space_.Admit(batch.bytes(), batch.frees_space()); !admitted.ok()) {
    if (!absl::IsResourceExhausted(admitted)) database_->report->Tell(admitted.ToString());
    return admitted;
  }
  rocksdb::WriteOptions options;
  options.sync = sync_;
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
  return written.ok() ? absl::OkStatus() : database_->Failed(written);
}

std::unique_ptr<const RecordReader> RocksRecordStore::Snapshot() const {
  return std::make_unique<SnapshotReader<Database>>(*database_);
}

std::string RocksRecordStore::name() const { return database_->name; }

}  // namespace rollcall::store
