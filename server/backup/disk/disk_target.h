// DiskTarget: an empty disk that becomes an embedded store.
//
// What makes a disk a store, its format and its id, is written last: until then opening it is
// refused as damage, and nobody takes half of the records for all. All records stand at revision 1,
// where the new store's history begins. Blocks; thread-compatible.
#pragma once

#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "server/backup/target.h"
#include "server/store/record_store.h"

namespace rollcall::backup {

class DiskTarget final : public Target {
 public:
  DiskTarget(store::RecordStore& disk, base::Random& random, const base::Clock& clock)
      : disk_(disk), random_(random), clock_(clock) {}

  absl::Status Begin() override;
  absl::Status Put(const std::vector<Record>& records) override;
  absl::StatusOr<Contents> ReadBack() override;
  absl::StatusOr<StoreId> Finish() override;

 private:
  store::RecordStore& disk_;
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace rollcall::backup
