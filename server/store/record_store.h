// RecordStore: the disk, as the store sees it: tables of ordered keys, batches that are written and
// synced as one, and consistent reads. The edge at which tests and the simulator put their own.
//
// Knows nothing of revisions, guards or what a record means. Every call blocks. Reads are
// thread-safe; Write is called by one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/batch.h"

namespace rollcall::store {

// Keys from `from` on and before `to` (empty: to the end of the table).
struct ScanRange {
  std::string from;
  std::string to;
  bool newest_first = false;  // in descending key order
  bool once = false;          // large, and not read again soon: not worth a cache
};

class RecordReader {
 public:
  // Returns false to end the scan. The views are valid during the call.
  using ScanSink = absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>;

  virtual ~RecordReader() = default;
  // nullopt: there is no such key.
  virtual absl::StatusOr<std::optional<std::string>> Get(Table table,
                                                         absl::string_view key) const = 0;
  virtual absl::Status Scan(Table table, const ScanRange& range, ScanSink sink) const = 0;
};

class RecordStore : public RecordReader {
 public:
  // OK: all of it is durable. RESOURCE_EXHAUSTED: the disk is full, nothing was written, and later
  // calls may succeed. Anything else: nobody knows, and no later call succeeds until the store is
  // opened again.
  virtual absl::Status Write(const Batch& batch) = 0;

  // The state now, unchanged by later writes; must not outlive the store.
  virtual std::unique_ptr<const RecordReader> Snapshot() const = 0;

  // For messages, for example `data directory "/var/lib/rollcall"`.
  virtual std::string name() const = 0;
};

}  // namespace rollcall::store
