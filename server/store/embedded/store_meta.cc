#include "server/store/embedded/store_meta.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::store {
namespace {

absl::StatusOr<bool> HoldsAnything(const RecordReader& disk) {
  bool found = false;
  for (const Table table : {Table::kMeta, Table::kRecords, Table::kRevisions, Table::kVersions}) {
    RETURN_IF_ERROR(disk.Scan(table, {}, [&](absl::string_view, absl::string_view) {
      found = true;
      return false;
    }));
  }
  return found;
}

absl::StatusOr<StoreId> MakeStore(RecordStore& disk, base::Random& random, absl::Time now) {
  const StoreId id(random.Hex128());
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat));
  batch.Put(Table::kMeta, layout::kStoreIdKey, id.value());
  batch.Put(Table::kMeta, layout::kFloorKey, layout::EncodeFloor({{Revision(0), now}, 0}));
  RETURN_IF_ERROR(disk.Write(batch));
  return id;
}

absl::Status CheckFormat(const RecordStore& disk, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const uint64_t format, layout::DecodeNumber(bytes));
  if (format <= layout::kFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(disk.name(), " holds data of format ", format,
                   "; this program reads formats up to ", layout::kFormat,
                   ": start the version that wrote it or a newer one, or use another directory"));
}

absl::StatusOr<std::string> MetaOf(const RecordReader& disk, const char* key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value, disk.Get(Table::kMeta, key));
  if (!value) return absl::DataLossError(absl::StrCat("the store's \"", key, "\" is missing"));
  return *value;
}

}  // namespace

absl::StatusOr<StoreId> OpenMeta(RecordStore& disk, base::Random& random, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<std::string> format,
                   disk.Get(Table::kMeta, layout::kFormatKey));
  if (!format) {
    ASSIGN_OR_RETURN(const bool anything, HoldsAnything(disk));
    if (!anything) return MakeStore(disk, random, now);
    return absl::DataLossError(absl::StrCat(disk.name(), " holds data without a format"));
  }
  RETURN_IF_ERROR(CheckFormat(disk, *format));
  ASSIGN_OR_RETURN(std::string id, MetaOf(disk, layout::kStoreIdKey));
  return StoreId(std::move(id));
}

absl::StatusOr<layout::Floor> ReadFloor(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const std::string bytes, MetaOf(disk, layout::kFloorKey));
  return layout::DecodeFloor(bytes);
}

absl::StatusOr<CommitPoint> ReadEnd(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const layout::Floor floor, ReadFloor(disk));
  CommitPoint end{floor.at.revision, floor.total_bytes};
  absl::Status status;
  ScanRange newest;
  newest.newest_first = true;
  RETURN_IF_ERROR(
      disk.Scan(Table::kRevisions, newest, [&](absl::string_view key, absl::string_view value) {
        const absl::StatusOr<Revision> revision = layout::DecodeRevisionKey(key);
        const absl::StatusOr<layout::RevisionEntry> entry = layout::DecodeRevision(value);
        status.Update(revision.status());
        status.Update(entry.status());
        if (status.ok()) end = {*revision, entry->total_bytes};
        return false;
      }));
  RETURN_IF_ERROR(status);
  return end;
}

}  // namespace rollcall::store
