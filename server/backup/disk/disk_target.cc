#include "server/backup/disk/disk_target.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/batch.h"
#include "server/store/embedded/layout.h"

namespace rollcall::backup {
namespace {

namespace layout = store::layout;
using store::Batch;
using store::Table;

constexpr Revision kFirst(1);

}  // namespace

absl::Status DiskTarget::Begin() {
  bool empty = true;
  for (const Table table : {Table::kMeta, Table::kRecords, Table::kRevisions, Table::kVersions}) {
    RETURN_IF_ERROR(
        disk_.Scan(table, {}, [&](absl::string_view, absl::string_view) { return empty = false; }));
  }
  if (empty) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(disk_.name(), " is not empty"));
}

absl::Status DiskTarget::Put(const std::vector<Record>& records) {
  Batch batch;
  for (const Record& record : records) {
    if (record.key.find(layout::kKeyEnd) != std::string::npos) {
      return absl::DataLossError("a record's key holds a zero byte");
    }
    batch.Put(Table::kRecords, record.key, layout::EncodeRecord(kFirst, record.value));
  }
  return disk_.Write(batch);
}

absl::StatusOr<Contents> DiskTarget::ReadBack() {
  Contents contents;
  absl::Status status;
  RETURN_IF_ERROR(
      disk_.Scan(Table::kRecords, {}, [&](absl::string_view key, absl::string_view bytes) {
        const absl::StatusOr<layout::StandingRecord> record = layout::DecodeRecord(bytes);
        status = record.status();
        if (status.ok()) contents.Add(key, record->value);
        return status.ok();
      }));
  RETURN_IF_ERROR(status);
  return contents;
}

absl::StatusOr<StoreId> DiskTarget::Finish() {
  const StoreId id(random_.Hex128());
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat));
  batch.Put(Table::kMeta, layout::kStoreIdKey, id.value());
  batch.Put(Table::kMeta, layout::kFloorKey, layout::EncodeFloor({{kFirst, clock_.Wall()}, 0}));
  RETURN_IF_ERROR(disk_.Write(batch));
  return id;
}

}  // namespace rollcall::backup
