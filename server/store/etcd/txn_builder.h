// From a group of the store's transactions to etcd's Txns. Pure.
//
// One Txn for a group: nested Txns, one for each member, which hold or fail each on its own; a
// member that fails answers with what stands under its guards. A Txn is sent only within etcd's
// limits, so a group may become several: its members do not depend on one another.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

struct TxnLimits {
  // Members of one Txn, and about how many bytes. A single member may be larger.
  size_t max_group = 100;
  size_t max_group_bytes = 1 << 20;
  // etcd's --max-txn-ops, less what the outer list uses, is what each nested Txn may hold.
  size_t max_txn_ops = 128;
};

// About what it takes in a request.
size_t BytesOf(const store::Transaction& transaction);
// What etcd counts of a nested Txn: the longest of its lists.
size_t OpsOf(const store::Transaction& transaction);

// Whether its guards move if it is written.
bool GuardsItsWrites(const store::Transaction& transaction);

// Which members go together into one Txn, by their places in the group. Those that only delete are
// kept apart, for they are let through when etcd is full.
using Split = std::vector<std::vector<size_t>>;
Split SplitGroup(absl::Span<const store::Transaction> group, const TxnLimits& limits);

// One nested Txn for each member.
pb::TxnRequest BuildTxn(const KeyPrefix& prefix, absl::Span<const store::Transaction> members);
// Their guards alone, with nothing to write: tells whether they stand.
pb::TxnRequest BuildCheck(const KeyPrefix& prefix, absl::Span<const store::Transaction> members);

// Operations, for those who build Txns of their own.
void AddPut(pb::TxnRequest& txn, std::string key, std::string value);
void AddRange(google::protobuf::RepeatedPtrField<pb::RequestOp>& ops, std::string key);
void AddModCompare(pb::TxnRequest& txn, std::string key, Revision revision);

}  // namespace rollcall::etcd
