#include "server/backup/disk/disk_source.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/keys.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/store_meta.h"

namespace rollcall::backup {
namespace {

namespace layout = store::layout;
using store::Table;

class DiskReading final : public Reading {
 public:
  DiskReading(std::unique_ptr<const store::RecordReader> snapshot, Header header)
      : snapshot_(std::move(snapshot)), header_(std::move(header)) {}

  const Header& header() const override { return header_; }

  absl::StatusOr<std::vector<Record>> Next(size_t bytes) override {
    std::vector<Record> records;
    size_t size = 0;
    absl::Status status;
    RETURN_IF_ERROR(snapshot_->Scan(Table::kRecords, {from_},
                                    [&](absl::string_view key, absl::string_view value) {
                                      status = Add(key, value, records);
                                      size += key.size() + value.size();
                                      return status.ok() && size < bytes;
                                    }));
    RETURN_IF_ERROR(status);
    // The first key after the last one read.
    if (!records.empty()) from_ = records.back().key + '\0';
    return records;
  }

 private:
  static absl::Status Add(absl::string_view key, absl::string_view value,
                          std::vector<Record>& records) {
    if (KindOf(key) != KeyKind::kRecord) return absl::OkStatus();
    ASSIGN_OR_RETURN(layout::StandingRecord record, layout::DecodeRecord(value));
    records.push_back({std::string(key), std::move(record.value), record.revision});
    return absl::OkStatus();
  }

  const std::unique_ptr<const store::RecordReader> snapshot_;
  const Header header_;
  std::string from_;
};

absl::Status NoStoreYet(const store::RecordStore& disk) {
  return absl::UnavailableError(
      absl::StrCat(disk.name(), " holds no store yet, or not all of it; try again later"));
}

// The store and the revision that the records stand at.
absl::StatusOr<store::ReplicaPosition> PositionOf(const store::RecordStore& disk,
                                                  const store::RecordReader& snapshot) {
  ASSIGN_OR_RETURN(const std::optional<std::string> kind,
                   snapshot.Get(Table::kMeta, layout::kKindKey));
  if (kind == layout::kReplicaKind) {
    ASSIGN_OR_RETURN(std::optional<store::ReplicaPosition> position, store::ReadPosition(snapshot));
    if (!position) return NoStoreYet(disk);
    return *std::move(position);
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> id,
                   snapshot.Get(Table::kMeta, layout::kStoreIdKey));
  if (!id || id->empty()) return NoStoreYet(disk);
  ASSIGN_OR_RETURN(const store::CommitPoint end, store::ReadEnd(snapshot));
  return store::ReplicaPosition{StoreId(*id), end.revision};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reading>> DiskSource::Open() const {
  std::unique_ptr<const store::RecordReader> snapshot = disk_.Snapshot();
  ASSIGN_OR_RETURN(store::ReplicaPosition position, PositionOf(disk_, *snapshot));
  Header header{std::move(position.store), position.revision, clock_.Wall(), program_};
  return std::unique_ptr<Reading>(new DiskReading(std::move(snapshot), std::move(header)));
}

}  // namespace rollcall::backup
