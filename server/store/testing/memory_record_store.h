// MemoryRecordStore: a RecordStore for tests and the simulator, whose disk can fill up, tear a
// write and lose power.
//
// What Write acknowledged survives a crash; nothing else does. After Crash() every call answers
// UNAVAILABLE until Reopen(), as the calls of a dead process reach no disk. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/mutex.h"
#include "server/store/record_store.h"

namespace rollcall::store {

class MemoryRecordStore final : public RecordStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Table table, absl::string_view key) const override;
  absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const override;
  absl::Status Write(const Batch& batch) override;
  std::unique_ptr<const RecordReader> Snapshot() const override;
  std::string name() const override { return "memory"; }

  // What becomes of a write under way when the power goes.
  enum class LastWrite { kLost, kKept };
  void Crash();
  // The next write does not return: the power goes, and afterwards it is there or not.
  void CrashDuringNextWrite(LastWrite last_write);
  void Reopen();

  // Keys and values take `bytes` at most; a batch that would go over is refused.
  void SetCapacity(size_t bytes);
  size_t bytes() const;
  // Batches written since the beginning.
  size_t writes() const;

 private:
  using Map = std::map<std::string, std::string, std::less<>>;
  struct Tables {
    Map& at(Table table);
    const Map& at(Table table) const;
    std::array<Map, 4> maps;
  };
  class Frozen;

  static absl::Status ScanMap(const Map& map, const ScanRange& range, ScanSink sink);
  absl::Status Alive() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  size_t BytesAfter(const Batch& batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Apply(const Batch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable base::Mutex mu_;
  Tables tables_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  size_t capacity_ ABSL_GUARDED_BY(mu_) = std::numeric_limits<size_t>::max();
  size_t writes_ ABSL_GUARDED_BY(mu_) = 0;
  bool crashed_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<LastWrite> crash_during_next_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::store
