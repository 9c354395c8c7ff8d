#include "server/store/testing/memory_record_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::store {
namespace {

size_t IndexOf(Table table) {
  switch (table) {
    case Table::kMeta:
      return 0;
    case Table::kRecords:
      return 1;
    case Table::kRevisions:
      return 2;
    case Table::kVersions:
      return 3;
  }
  return 0;
}

}  // namespace

// The state at one moment.
class MemoryRecordStore::Frozen final : public RecordReader {
 public:
  explicit Frozen(Tables tables) : tables_(std::move(tables)) {}

  absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                 absl::string_view key) const override {
    const Map& map = tables_.at(table);
    const auto at = map.find(std::string(key));
    if (at == map.end()) return std::optional<std::string>();
    return std::optional<std::string>(at->second);
  }
  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const override {
    return ScanMap(tables_.at(table), range, sink);
  }

 private:
  const Tables tables_;
};

MemoryRecordStore::Map& MemoryRecordStore::Tables::at(Table table) { return maps[IndexOf(table)]; }

const MemoryRecordStore::Map& MemoryRecordStore::Tables::at(Table table) const {
  return maps[IndexOf(table)];
}

absl::Status MemoryRecordStore::Alive() const {
  return crashed_ ? absl::UnavailableError("the disk is gone") : absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MemoryRecordStore::Get(Table table,
                                                                  absl::string_view key) const {
  base::MutexLock lock(mu_);
  RETURN_IF_ERROR(Alive());
  const Map& map = tables_.at(table);
  const auto at = map.find(std::string(key));
  if (at == map.end()) return std::optional<std::string>();
  return std::optional<std::string>(at->second);
}

absl::Status MemoryRecordStore::Scan(Table table, const ScanRange& range, ScanSink sink) const {
  Map copy;  // The sink may call back into this store.
  {
    base::MutexLock lock(mu_);
    RETURN_IF_ERROR(Alive());
    const Map& map = tables_.at(table);
    for (auto at = map.lower_bound(range.from); at != map.end(); ++at) {
      if (!range.to.empty() && at->first >= range.to) break;
      copy.emplace_hint(copy.end(), *at);
    }
  }
  return ScanMap(copy, range, sink);
}

absl::Status MemoryRecordStore::ScanMap(const Map& map, const ScanRange& range, ScanSink sink) {
  if (!range.to.empty() && range.to <= range.from) return absl::OkStatus();
  const auto begin = map.lower_bound(range.from);
  const auto end = range.to.empty() ? map.end() : map.lower_bound(range.to);
  if (range.newest_first) {
    for (auto at = end; at != begin;) {
      --at;
      if (!sink(at->first, at->second)) break;
    }
    return absl::OkStatus();
  }
  for (auto at = begin; at != end; ++at) {
    if (!sink(at->first, at->second)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryRecordStore::Write(const Batch& batch) {
  base::MutexLock lock(mu_);
  RETURN_IF_ERROR(Alive());
  if (crash_during_next_) {
    if (*crash_during_next_ == LastWrite::kKept) Apply(batch);
    crash_during_next_.reset();
    crashed_ = true;
    return Alive();
  }
  if (const size_t after = BytesAfter(batch); after > capacity_ && after > bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the disk is full: ", bytes_, " of ", capacity_, " bytes are used"));
  }
  Apply(batch);
  ++writes_;
  return absl::OkStatus();
}

// Exact for batches that name a key once; else an upper bound.
size_t MemoryRecordStore::BytesAfter(const Batch& batch) const {
  size_t bytes = bytes_;
  for (const Batch::Operation& operation : batch.operations()) {
    const Map& map = tables_.at(operation.table);
    const auto at = map.find(operation.key);
    if (operation.value) bytes += operation.key.size() + operation.value->size();
    if (at != map.end()) bytes -= at->first.size() + at->second.size();
  }
  return bytes;
}

void MemoryRecordStore::Apply(const Batch& batch) {
  for (const Batch::Operation& operation : batch.operations()) {
    Map& map = tables_.at(operation.table);
    if (const auto at = map.find(operation.key); at != map.end()) {
      bytes_ -= at->first.size() + at->second.size();
      map.erase(at);
    }
    if (!operation.value) continue;
    bytes_ += operation.key.size() + operation.value->size();
    map.emplace(operation.key, *operation.value);
  }
}

std::unique_ptr<const RecordReader> MemoryRecordStore::Snapshot() const {
  base::MutexLock lock(mu_);
  return std::make_unique<Frozen>(tables_);
}

void MemoryRecordStore::Crash() {
  base::MutexLock lock(mu_);
  crashed_ = true;
}

void MemoryRecordStore::CrashDuringNextWrite(LastWrite last_write) {
  base::MutexLock lock(mu_);
  crash_during_next_ = last_write;
}

void MemoryRecordStore::Reopen() {
  base::MutexLock lock(mu_);
  crashed_ = false;
  crash_during_next_.reset();
}

void MemoryRecordStore::SetCapacity(size_t bytes) {
  base::MutexLock lock(mu_);
  capacity_ = bytes;
}

size_t MemoryRecordStore::bytes() const {
  base::MutexLock lock(mu_);
  return bytes_;
}

size_t MemoryRecordStore::writes() const {
  base::MutexLock lock(mu_);
  return writes_;
}

}  // namespace rollcall::store
