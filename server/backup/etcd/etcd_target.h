// EtcdTarget: the keys under a prefix of an etcd cluster, that become a cluster's store.
//
// While the records are being put, c/store says RESTORING, with the id of the store to be. Nodes
// that ran on what was there see that and let go of it; none starts before Finish makes it READY.
// Everything written is guarded on that record, so of two restores at once one ends with ABORTED,
// and a restore that broke off is taken up again only with `replace`. Blocks; thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/backup/etcd/etcd_caller.h"
#include "server/backup/target.h"
#include "server/store/etcd/key_prefix.h"

namespace rollcall::backup {

class EtcdTarget final : public Target {
 public:
  struct Options {
    std::string prefix;
    // What stands under the prefix goes, and nodes that run on it start afresh.
    bool replace = false;
    // Of one request; below etcd's --max-txn-ops and --max-request-bytes.
    size_t puts_at_once = 100;
    size_t bytes_at_once = 1 << 20;
  };
  // `random` is good for ids.
  EtcdTarget(EtcdCaller& caller, base::Random& random, Options options);

  absl::Status Begin() override;
  absl::Status Put(const std::vector<Record>& records) override;
  absl::StatusOr<Contents> ReadBack() override;
  absl::StatusOr<StoreId> Finish() override;

 private:
  using Span = etcd::KeyPrefix::Span;

  // c/store as it stands, or all of it empty.
  struct Standing {
    std::string value;
    int64_t revision = 0;
  };
  absl::StatusOr<Standing> ReadStoreRecord();
  absl::StatusOr<int64_t> Count(const Span& span);
  // That nothing is lost which nobody said may go.
  absl::Status CheckMayGo(const Standing& standing);
  // c/store from one value to another.
  absl::Status Turn(const etcd::pb::Compare& from, const std::string& to);
  absl::Status DeleteAll(const Span& span);
  absl::Status PutSome(const Record* begin, const Record* end);
  // Carries out `txn` if the restore is still ours.
  absl::Status Guarded(etcd::pb::TxnRequest txn);
  std::string StoreRecordOf(bool ready) const;
  std::string Place() const;

  EtcdCaller& caller_;
  const Options options_;
  const etcd::KeyPrefix prefix_;
  const std::string store_key_;
  const StoreId id_;
};

}  // namespace rollcall::backup
