#include "server/store/embedded/replica_rewrite.h"

#include <string>
#include <utility>

#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/layout.h"

namespace rollcall::store {

absl::Status ReplicaRewrite::Run(const StoreId& store, Revision revision, absl::Time now,
                                 const std::vector<Record>& records) {
  batch_.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat));
  batch_.Put(Table::kMeta, layout::kLoadingKey, "1");
  batch_.Delete(Table::kMeta, layout::kPositionKey);
  RETURN_IF_ERROR(WriteNow());
  {
    const std::unique_ptr<const RecordReader> old = disk_.Snapshot();
    RETURN_IF_ERROR(WriteRecords(*old, records));
    RETURN_IF_ERROR(Drop(Table::kVersions, *old));
    RETURN_IF_ERROR(Drop(Table::kRevisions, *old));
  }
  batch_.Put(Table::kMeta, layout::kStoreIdKey, store.value());
  batch_.Put(Table::kMeta, layout::kFloorKey, layout::EncodeFloor({{revision, now}, 0}));
  batch_.Put(Table::kMeta, layout::kPositionKey, layout::EncodeNumber(revision.value()));
  batch_.Delete(Table::kMeta, layout::kLoadingKey);
  return WriteNow();
}

absl::Status ReplicaRewrite::WriteRecords(const RecordReader& old,
                                          const std::vector<Record>& records) {
  auto next = records.begin();
  const auto put = [&](const std::string& bytes) {
    batch_.Put(Table::kRecords, next->key, bytes);
    return Spill();
  };
  const auto put_until = [&](const absl::string_view* key) -> absl::Status {
    for (; next != records.end() && (key == nullptr || next->key < *key); ++next) {
      RETURN_IF_ERROR(put(layout::EncodeRecord(next->revision, next->value)));
    }
    return absl::OkStatus();
  };
  const auto visit = [&](absl::string_view key, absl::string_view bytes) -> absl::Status {
    RETURN_IF_ERROR(put_until(&key));
    if (next == records.end() || next->key != key) {
      batch_.Delete(Table::kRecords, std::string(key));
      return Spill();
    }
    const std::string wanted = layout::EncodeRecord(next->revision, next->value);
    if (bytes != wanted) RETURN_IF_ERROR(put(wanted));
    ++next;
    return absl::OkStatus();
  };
  absl::Status status;
  RETURN_IF_ERROR(
      old.Scan(Table::kRecords, {}, [&](absl::string_view key, absl::string_view bytes) {
        status = visit(key, bytes);
        return status.ok();
      }));
  RETURN_IF_ERROR(status);
  return put_until(nullptr);
}

absl::Status ReplicaRewrite::Drop(Table table, const RecordReader& old) {
  absl::Status status;
  RETURN_IF_ERROR(old.Scan(table, {}, [&](absl::string_view key, absl::string_view) {
    batch_.Delete(table, std::string(key));
    status = Spill();
    return status.ok();
  }));
  return status;
}

absl::Status ReplicaRewrite::Spill() {
  return batch_.bytes() < kBatchBytes ? absl::OkStatus() : WriteNow();
}

absl::Status ReplicaRewrite::WriteNow() { return disk_.Write(std::exchange(batch_, {})); }

}  // namespace rollcall::store
