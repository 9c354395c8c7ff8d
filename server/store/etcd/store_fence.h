// StoreFence: keeps this process with the store that it opened.
//
// Everything written is written only if the record c/store still stands as it was when the store
// was opened. When it is seen to be another (a restore has put another store in its place, or
// etcd's own data went back in time), the fence is broken, for good: on_replaced is told once, in a
// task of its own. Lives on one executor.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"

namespace rollcall::etcd {

class StoreFence {
 public:
  using OnReplaced = std::function<void(absl::Status)>;
  // `record`: the value of c/store.
  StoreFence(const KeyPrefix& prefix, std::string record, base::Executor& executor,
             OnReplaced on_replaced);

  // Makes `txn` hold only on our store.
  void Guard(pb::TxnRequest& txn) const;
  // c/store as it stands now; nullopt: it is gone.
  void Saw(const std::optional<std::string>& record);
  // The outer compare of a guarded Txn failed.
  void Failed();
  // A linearizable operation, sent when `told` was known, was answered at `revision`.
  void SawRevision(Revision told, Revision revision);
  void Break(absl::Status why);

  const std::string& record() const { return record_; }
  // OK, or why this is no more our store.
  const absl::Status& state() const { return state_; }
  bool broken() const { return !state_.ok(); }

 private:
  const std::string key_;
  const std::string record_;
  base::Executor& executor_;
  OnReplaced on_replaced_;
  absl::Status state_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
