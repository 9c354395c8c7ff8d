// WitnessDisk: passes on what a store writes to its disk, and writes down what the disk must hold
// after each batch, and when each was begun and acknowledged, in changes of the file system.
//
// So the oracle knows nothing of RocksDB. Belongs to the one who writes.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/record_store.h"

namespace rollcall::crash {

// All tables: the letter of the table and the key, and the value.
using Tables = std::map<std::string, std::string>;

inline void ApplyTo(Tables& tables, const store::Batch& batch) {
  for (const store::Batch::Operation& operation : batch.operations()) {
    const std::string key = std::string(1, static_cast<char>(operation.table)) + operation.key;
    if (operation.value) {
      tables[key] = *operation.value;
    } else {
      tables.erase(key);
    }
  }
}

inline absl::StatusOr<Tables> ReadTables(const store::RecordReader& disk) {
  Tables tables;
  for (const store::Table table : {store::Table::kMeta, store::Table::kRecords,
                                   store::Table::kRevisions, store::Table::kVersions}) {
    const std::string letter(1, static_cast<char>(table));
    const absl::Status status =
        disk.Scan(table, {}, [&](absl::string_view key, absl::string_view value) {
          tables[absl::StrCat(letter, key)] = std::string(value);
          return true;
        });
    if (!status.ok()) return status;
  }
  return tables;
}

class WitnessDisk final : public store::RecordStore {
 public:
  struct Moment {
    size_t begun = 0;
    size_t acknowledged = SIZE_MAX;
    Tables tables;  // when it is written
  };

  // `changes`: how many were made so far. The disk may be changed by SetDisk, as processes come
  // and go.
  explicit WitnessDisk(std::function<size_t()> changes) : changes_(std::move(changes)) {
    moments_.push_back({0, 0, {}});
  }
  void SetDisk(store::RecordStore* disk) { disk_ = disk; }

  // The first: nothing is written yet.
  const std::vector<Moment>& moments() const { return moments_; }

  absl::StatusOr<std::optional<std::string>> Get(store::Table table,
                                                 absl::string_view key) const override {
    return disk_->Get(table, key);
  }
  absl::Status Scan(store::Table table, const store::ScanRange& range,
                    ScanSink sink) const override {
    return disk_->Scan(table, range, sink);
  }
  absl::Status Write(const store::Batch& batch) override {
    Moment moment{changes_(), SIZE_MAX, moments_.back().tables};
    ApplyTo(moment.tables, batch);
    moments_.push_back(std::move(moment));
    absl::Status status = disk_->Write(batch);
    if (status.ok()) moments_.back().acknowledged = changes_();
    return status;
  }
  std::unique_ptr<const store::RecordReader> Snapshot() const override { return disk_->Snapshot(); }
  std::string name() const override { return disk_->name(); }

  // The earliest and the latest moment that a disk may be at which lost its power after `changes`.
  size_t Earliest(size_t changes) const {
    size_t earliest = 0;
    for (size_t i = 0; i < moments_.size(); ++i) {
      if (moments_[i].acknowledged <= changes) earliest = i;
    }
    return earliest;
  }
  size_t Latest(size_t changes) const {
    size_t latest = 0;
    for (size_t i = 0; i < moments_.size(); ++i) {
      if (moments_[i].begun < changes || moments_[i].acknowledged <= changes) latest = i;
    }
    return latest;
  }

 private:
  const std::function<size_t()> changes_;
  store::RecordStore* disk_ = nullptr;
  std::vector<Moment> moments_;
};

// Which of the moments the tables are of; nullopt: of none.
inline std::optional<size_t> MomentOf(const Tables& tables,
                                      const std::vector<WitnessDisk::Moment>& moments,
                                      size_t earliest, size_t latest) {
  for (size_t i = latest + 1; i-- > earliest;) {
    if (moments[i].tables == tables) return i;
  }
  return std::nullopt;
}

}  // namespace rollcall::crash
