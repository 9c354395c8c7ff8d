#include "server/store/embedded/version_scan.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/layout.h"

namespace rollcall::store {
namespace {

// So many records are read at once, and then the versions before them.
constexpr size_t kPage = 256;

// The records in `range`, from its beginning on.
absl::StatusOr<std::vector<Version>> ReadPage(const RecordReader& disk, const ScanRange& range) {
  std::vector<Version> page;
  absl::Status status;
  RETURN_IF_ERROR(
      disk.Scan(Table::kRecords, range, [&](absl::string_view key, absl::string_view bytes) {
        absl::StatusOr<layout::StandingRecord> record = layout::DecodeRecord(bytes);
        status = record.status();
        if (status.ok()) {
          page.push_back({std::string(key), record->revision, std::move(record->value)});
        }
        return status.ok() && page.size() < kPage;
      }));
  RETURN_IF_ERROR(status);
  return page;
}

// Tells the versions in `range` and those that stand, in order. A version that stands may be in
// `range` too: earlier formats wrote each when it came.
absl::Status Merge(const RecordReader& disk, const ScanRange& range, std::vector<Version> standing,
                   VersionSink sink) {
  auto next = standing.begin();
  const auto tell = [&](Version version) {
    for (; next != standing.end() && next->key < version.key; ++next) sink(std::move(*next));
    const bool stands =
        next != standing.end() && next->key == version.key && next->revision == version.revision;
    if (stands) ++next;
    sink(std::move(version));
  };
  absl::Status status;
  RETURN_IF_ERROR(
      disk.Scan(Table::kVersions, range, [&](absl::string_view key, absl::string_view bytes) {
        absl::StatusOr<Version> version = layout::DecodeVersion(key, bytes);
        status = version.status();
        if (status.ok()) tell(*std::move(version));
        return status.ok();
      }));
  RETURN_IF_ERROR(status);
  for (; next != standing.end(); ++next) sink(std::move(*next));
  return absl::OkStatus();
}

}  // namespace

absl::Status ScanVersionsOf(const RecordReader& disk, absl::string_view key, VersionSink sink) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, disk.Get(Table::kRecords, key));
  std::vector<Version> standing;
  if (bytes) {
    ASSIGN_OR_RETURN(layout::StandingRecord record, layout::DecodeRecord(*bytes));
    standing.push_back({std::string(key), record.revision, std::move(record.value)});
  }
  return Merge(disk, layout::VersionsOf(key), std::move(standing), sink);
}

absl::Status ScanVersionsUnder(const RecordReader& disk, absl::string_view prefix,
                               VersionSink sink) {
  ScanRange rest = layout::Under(prefix);
  for (;;) {
    ASSIGN_OR_RETURN(std::vector<Version> page, ReadPage(disk, rest));
    if (page.size() < kPage) return Merge(disk, rest, std::move(page), sink);
    // Behind all versions of the page's last record, and before the next record.
    const std::string end = layout::VersionsOf(page.back().key).to;
    RETURN_IF_ERROR(Merge(disk, {rest.from, end}, std::move(page), sink));
    rest.from = end;
  }
}

absl::StatusOr<Version> ReadVersion(const RecordReader& disk, const std::string& key,
                                    Revision revision) {
  const std::string at = layout::VersionKey(key, revision);
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, disk.Get(Table::kVersions, at));
  if (bytes) return layout::DecodeVersion(at, *bytes);
  ASSIGN_OR_RETURN(const std::optional<std::string> stands, disk.Get(Table::kRecords, key));
  if (stands) {
    ASSIGN_OR_RETURN(layout::StandingRecord record, layout::DecodeRecord(*stands));
    if (record.revision == revision) return Version{key, revision, std::move(record.value)};
  }
  return absl::DataLossError(absl::StrCat("a version of ", key, " is missing"));
}

}  // namespace rollcall::store
