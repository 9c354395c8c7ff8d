#include "server/store/embedded/store_meta.h"

#include <algorithm>
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

enum class Contents { kNothing, kStore, kReplica };

// What the disk holds, if this program can read it.
absl::StatusOr<Contents> ContentsOf(const RecordStore& disk) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   disk.Get(Table::kMeta, layout::kFormatKey));
  if (!bytes) {
    ASSIGN_OR_RETURN(const bool anything, HoldsAnything(disk));
    if (!anything) return Contents::kNothing;
    return absl::DataLossError(absl::StrCat(disk.name(), " holds data without a format"));
  }
  ASSIGN_OR_RETURN(const uint64_t format, layout::DecodeNumber(*bytes));
  if (format > layout::kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat(disk.name(), " holds data of format ", format,
                     "; this program reads formats up to ", layout::kFormat,
                     ": start the version that wrote it or a newer one, or use another directory"));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> kind, disk.Get(Table::kMeta, layout::kKindKey));
  if (!kind) return Contents::kStore;
  if (kind == layout::kReplicaKind) return Contents::kReplica;
  return absl::DataLossError(absl::StrCat(disk.name(), " holds data of no known kind"));
}

absl::StatusOr<std::string> MetaOf(const RecordReader& disk, const char* key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value, disk.Get(Table::kMeta, key));
  if (!value) return absl::DataLossError(absl::StrCat("the store's \"", key, "\" is missing"));
  return *value;
}

}  // namespace

absl::StatusOr<StoreId> OpenMeta(RecordStore& disk, base::Random& random, absl::Time now) {
  ASSIGN_OR_RETURN(const Contents contents, ContentsOf(disk));
  if (contents == Contents::kNothing) return MakeStore(disk, random, now);
  if (contents == Contents::kReplica) {
    return absl::FailedPreconditionError(
        absl::StrCat(disk.name(),
                     " holds a node's copy of a cluster's store and cannot be a store of its own: "
                     "start with the cluster's store again, or use another directory"));
  }
  ASSIGN_OR_RETURN(std::string id, MetaOf(disk, layout::kStoreIdKey));
  return StoreId(std::move(id));
}

absl::Status OpenReplicaMeta(RecordStore& disk, absl::Time now) {
  ASSIGN_OR_RETURN(const Contents contents, ContentsOf(disk));
  if (contents == Contents::kReplica) return absl::OkStatus();
  if (contents == Contents::kStore) {
    return absl::FailedPreconditionError(
        absl::StrCat(disk.name(),
                     " holds a store of its own and cannot be the copy of a cluster's store: "
                     "migrate it to the cluster first, or use another directory"));
  }
  Batch batch;
  batch.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat));
  batch.Put(Table::kMeta, layout::kKindKey, layout::kReplicaKind);
  batch.Put(Table::kMeta, layout::kFloorKey, layout::EncodeFloor({{Revision(0), now}, 0}));
  return disk.Write(batch);
}

absl::StatusOr<bool> IsLoading(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const std::optional<std::string> mark,
                   disk.Get(Table::kMeta, layout::kLoadingKey));
  return mark.has_value();
}

absl::StatusOr<std::optional<ReplicaPosition>> ReadPosition(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const bool loading, IsLoading(disk));
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   disk.Get(Table::kMeta, layout::kPositionKey));
  if (loading || !bytes) return std::optional<ReplicaPosition>();
  ASSIGN_OR_RETURN(const uint64_t revision, layout::DecodeNumber(*bytes));
  ASSIGN_OR_RETURN(std::string id, MetaOf(disk, layout::kStoreIdKey));
  return std::optional<ReplicaPosition>({StoreId(std::move(id)), Revision(revision)});
}

absl::StatusOr<layout::Floor> ReadFloor(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const std::string bytes, MetaOf(disk, layout::kFloorKey));
  return layout::DecodeFloor(bytes);
}

absl::StatusOr<CommitPoint> ReadEnd(const RecordReader& disk) {
  ASSIGN_OR_RETURN(const layout::Floor floor, ReadFloor(disk));
  ASSIGN_OR_RETURN(const std::string format, MetaOf(disk, layout::kFormatKey));
  CommitPoint end{floor.at.revision, floor.total_bytes};
  ASSIGN_OR_RETURN(end.format, layout::DecodeNumber(format));
  absl::Status status;
  ScanRange newest;
  newest.newest_first = true;
  RETURN_IF_ERROR(
      disk.Scan(Table::kRevisions, newest, [&](absl::string_view key, absl::string_view value) {
        const absl::StatusOr<Revision> revision = layout::DecodeRevisionKey(key);
        const absl::StatusOr<layout::RevisionEntry> entry = layout::DecodeRevision(value);
        status.Update(revision.status());
        status.Update(entry.status());
        if (!status.ok()) return false;
        end.revision = *revision;
        end.total_bytes = entry->total_bytes;
        return false;
      }));
  RETURN_IF_ERROR(status);
  // Of a replica: revisions that changed no record have no entry, but move its position.
  ASSIGN_OR_RETURN(const std::optional<ReplicaPosition> position, ReadPosition(disk));
  if (position) end.revision = std::max(end.revision, position->revision);
  return end;
}

}  // namespace rollcall::store
