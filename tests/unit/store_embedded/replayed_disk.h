// ReplayedDisk: a RecordStore that syncs nothing: after a loss of power it holds the batches
// written up to some moment, and none after.
//
// Belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/store/testing/memory_record_store.h"

namespace rollcall::store {

class ReplayedDisk final : public RecordStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                 absl::string_view key) const override {
    return now_->Get(table, key);
  }
  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const override {
    return now_->Scan(table, range, sink);
  }
  absl::Status Write(const Batch& batch) override {
    absl::Status status = now_->Write(batch);
    if (status.ok()) written_.push_back(batch);
    return status;
  }
  std::unique_ptr<const RecordReader> Snapshot() const override { return now_->Snapshot(); }
  std::string name() const override { return "memory"; }

  size_t writes() const { return written_.size(); }
  // Only the first `kept` batches are there.
  void LosePower(size_t kept) {
    written_.resize(kept);
    now_ = std::make_unique<MemoryRecordStore>();
    for (const Batch& batch : written_) {
      ROLLCALL_CHECK(now_->Write(batch).ok(), "a disk takes what it took before");
    }
  }
  MemoryRecordStore& now() { return *now_; }

 private:
  std::unique_ptr<MemoryRecordStore> now_ = std::make_unique<MemoryRecordStore>();
  std::vector<Batch> written_;
};

}  // namespace rollcall::store
