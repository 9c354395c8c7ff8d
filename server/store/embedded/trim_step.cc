#include "server/store/embedded/trim_step.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/store_meta.h"

namespace rollcall::store {
namespace {

struct Doomed {
  Revision revision;
  layout::RevisionEntry entry;
};

// The oldest revisions that are beyond the limits.
absl::StatusOr<std::vector<Doomed>> FindDoomed(const RecordReader& disk,
                                               const HistoryLimits& limits, absl::Time now) {
  ASSIGN_OR_RETURN(const layout::Floor floor, ReadFloor(disk));
  ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(disk));
  std::vector<Doomed> doomed;
  size_t changes = 0;
  uint64_t kept_bytes = end.total_bytes - floor.total_bytes;
  const auto take = [&](absl::string_view key, absl::string_view bytes) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Revision revision, layout::DecodeRevisionKey(key));
    ASSIGN_OR_RETURN(layout::RevisionEntry entry, layout::DecodeRevision(bytes));
    if (entry.time >= now - limits.keep_age && kept_bytes <= limits.keep_bytes) return false;
    kept_bytes = end.total_bytes - entry.total_bytes;
    changes += entry.keys.size();
    doomed.push_back({revision, std::move(entry)});
    return doomed.size() < kMostRevisionsPerTrimStep && changes < kMostChangesPerTrimStep;
  };
  absl::Status status;
  RETURN_IF_ERROR(disk.Scan(Table::kRevisions, layout::RevisionsAfter(floor.at.revision),
                            [&](absl::string_view key, absl::string_view bytes) {
                              const absl::StatusOr<bool> more = take(key, bytes);
                              status = more.status();
                              return more.ok() && *more;
                            }));
  RETURN_IF_ERROR(status);
  return doomed;
}

absl::Status DropBefore(const RecordReader& disk, const std::string& key, Revision revision,
                        Batch& batch) {
  RETURN_IF_ERROR(disk.Scan(Table::kVersions, layout::VersionsBefore(key, revision),
                            [&](absl::string_view older, absl::string_view) {
                              batch.Delete(Table::kVersions, std::string(older));
                              return true;
                            }));
  const std::string own = layout::VersionKey(key, revision);
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, disk.Get(Table::kVersions, own));
  if (!bytes) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Version version, layout::DecodeVersion(own, *bytes));
  // A record that was purged stood nowhere: no version says the same.
  if (!version.value) batch.Delete(Table::kVersions, own);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> TrimStep(RecordStore& disk, const HistoryLimits& limits, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Doomed> doomed, FindDoomed(disk, limits, now));
  if (doomed.empty()) return 0;
  Batch batch;
  batch.MarkFreesSpace();
  absl::btree_map<std::string, Revision> last_change;
  for (const Doomed& old : doomed) {
    for (const std::string& key : old.entry.keys) last_change[key] = old.revision;
    batch.Delete(Table::kRevisions, layout::RevisionKey(old.revision));
  }
  for (const auto& [key, revision] : last_change) {
    RETURN_IF_ERROR(DropBefore(disk, key, revision, batch));
  }
  const Doomed& newest = doomed.back();
  batch.Put(Table::kMeta, layout::kFloorKey,
            layout::EncodeFloor({{newest.revision, newest.entry.time}, newest.entry.total_bytes}));
  RETURN_IF_ERROR(disk.Write(batch));
  return doomed.size();
}

}  // namespace rollcall::store
