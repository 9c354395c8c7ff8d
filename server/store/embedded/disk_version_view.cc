#include "server/store/embedded/disk_version_view.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/version_scan.h"

namespace rollcall::store {

absl::StatusOr<std::unique_ptr<const VersionView>> DiskVersionView::Open(
    std::unique_ptr<const RecordReader> snapshot) {
  ASSIGN_OR_RETURN(const bool loading, IsLoading(*snapshot));
  if (loading) {
    return absl::UnavailableError(
        "this node is writing its copy of the store anew and cannot tell the past yet; try again "
        "or ask another node");
  }
  ASSIGN_OR_RETURN(const layout::Floor floor, ReadFloor(*snapshot));
  ASSIGN_OR_RETURN(const CommitPoint end, ReadEnd(*snapshot));
  return std::unique_ptr<const VersionView>(
      new DiskVersionView(std::move(snapshot), floor.at, end.revision));
}

DiskVersionView::DiskVersionView(std::unique_ptr<const RecordReader> snapshot, HistoryFloor floor,
                                 Revision end)
    : snapshot_(std::move(snapshot)), floor_(floor), end_(end) {}

absl::Status DiskVersionView::ScanPrefix(absl::string_view prefix, Sink sink) const {
  return ScanVersionsUnder(*snapshot_, prefix, sink);
}

absl::Status DiskVersionView::ScanKey(absl::string_view key, Sink sink) const {
  return ScanVersionsOf(*snapshot_, key, sink);
}

absl::StatusOr<absl::Time> DiskVersionView::TimeOf(Revision revision) const {
  if (revision == floor_.revision) return floor_.time;
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   snapshot_->Get(Table::kRevisions, layout::RevisionKey(revision)));
  if (!bytes) {
    return absl::OutOfRangeError(absl::StrCat("revision ", revision.value(),
                                              " is not kept: history begins at revision ",
                                              floor_.revision.value()));
  }
  ASSIGN_OR_RETURN(const layout::RevisionEntry entry, layout::DecodeRevision(*bytes));
  return entry.time;
}

absl::StatusOr<Revision> DiskVersionView::RevisionAt(absl::Time time) const {
  uint64_t low = floor_.revision.value();  // committed at or before `time`, or the floor
  uint64_t high = end_.value() + 1;        // nothing from here on was, as far as is known
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    ASSIGN_OR_RETURN(const Found found, FirstFrom(middle, high));
    if (found.revision.value() < high && found.time <= time) {
      low = found.revision.value();
    } else {
      high = middle;
    }
  }
  return Revision(low);
}

absl::StatusOr<DiskVersionView::Found> DiskVersionView::FirstFrom(uint64_t from,
                                                                  uint64_t before) const {
  Found found{Revision(before), absl::InfiniteFuture()};
  absl::Status status;
  const ScanRange range{layout::RevisionKey(Revision(from)), layout::RevisionKey(Revision(before))};
  RETURN_IF_ERROR(snapshot_->Scan(
      Table::kRevisions, range, [&](absl::string_view key, absl::string_view bytes) {
        const absl::StatusOr<Revision> revision = layout::DecodeRevisionKey(key);
        const absl::StatusOr<layout::RevisionEntry> entry = layout::DecodeRevision(bytes);
        status.Update(revision.status());
        status.Update(entry.status());
        if (status.ok()) found = {*revision, entry->time};
        return false;
      }));
  RETURN_IF_ERROR(status);
  return found;
}

}  // namespace rollcall::store
