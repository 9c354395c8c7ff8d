// DiskVersionView: the kept past as a RecordReader's tables hold it.
#pragma once

#include <memory>

#include "server/store/embedded/store_meta.h"
#include "server/store/record_store.h"
#include "server/store/version_view.h"

namespace rollcall::store {

class DiskVersionView final : public VersionView {
 public:
  // `snapshot` does not change any more.
  static absl::StatusOr<std::unique_ptr<const VersionView>> Open(
      std::unique_ptr<const RecordReader> snapshot);

  Revision revision() const override { return end_; }
  HistoryFloor floor() const override { return floor_; }
  absl::Status ScanPrefix(absl::string_view prefix, Sink sink) const override;
  absl::Status ScanKey(absl::string_view key, Sink sink) const override;
  absl::StatusOr<absl::Time> TimeOf(Revision revision) const override;
  absl::StatusOr<Revision> RevisionAt(absl::Time time) const override;

 private:
  DiskVersionView(std::unique_ptr<const RecordReader> snapshot, HistoryFloor floor, Revision end);

  // The first revision in [from, before) and its time; `before` and no time if there is none.
  struct Found {
    Revision revision;
    absl::Time time;
  };
  absl::StatusOr<Found> FirstFrom(uint64_t from, uint64_t before) const;

  const std::unique_ptr<const RecordReader> snapshot_;
  const HistoryFloor floor_;
  const Revision end_;
};

}  // namespace rollcall::store
