// The rules by which etcd refuses a request at its door, before anything is evaluated.
//
// Pure. The limit of operations is etcd's --max-txn-ops; what an outer list uses is not left to the
// Txns nested in it: with 128, 127 nested Txns may hold one operation each, 100 hold 28 each.
#pragma once

#include "absl/status/status.h"
#include "etcd/rpc.pb.h"

namespace rollcall::etcd {

namespace pb = etcdserverpb;

inline constexpr int kDefaultMaxTxnOps = 128;

absl::Status CheckRange(const pb::RangeRequest& request);
absl::Status CheckTxn(const pb::TxnRequest& request, int max_ops);

// What etcd counts towards its quota: puts of the outermost lists alone, executed or not. A Txn
// that puts only in nested Txns costs nothing, and passes a full database and a NOSPACE alarm.
bool CostsSpace(const pb::TxnRequest& request);

}  // namespace rollcall::etcd
