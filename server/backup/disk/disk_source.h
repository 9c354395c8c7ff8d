// DiskSource: backups of what stands on a disk in the layout of store/embedded: an embedded store,
// or a node's copy of a cluster's store as far as that has got.
//
// A reading is one snapshot of the disk; commits go on meanwhile. Thread-safe; the disk outlives
// it and its readings.
#pragma once

#include <memory>
#include <string>

#include "client-sdk/base/clock.h"
#include "server/backup/source.h"
#include "server/store/record_store.h"

namespace rollcall::backup {

class DiskSource final : public Source {
 public:
  // `program` is the version that backups name as their maker.
  DiskSource(const store::RecordStore& disk, const base::Clock& clock, std::string program)
      : disk_(disk), clock_(clock), program_(std::move(program)) {}

  // UNAVAILABLE: there is no store on the disk, or not yet.
  absl::StatusOr<std::unique_ptr<Reading>> Open() const override;

 private:
  const store::RecordStore& disk_;
  const base::Clock& clock_;
  const std::string program_;
};

}  // namespace rollcall::backup
