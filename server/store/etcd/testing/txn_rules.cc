#include "server/store/etcd/testing/txn_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/testing/errors.h"
#include "server/store/etcd/testing/keyspace.h"

namespace rollcall::etcd {
namespace {

using Ops = google::protobuf::RepeatedPtrField<pb::RequestOp>;

absl::Status CheckOps(const pb::TxnRequest& txn, int max_ops);

absl::Status CheckOp(const pb::RequestOp& op, int max_ops) {
  switch (op.request_case()) {
    case pb::RequestOp::kRequestRange:
      return CheckRange(op.request_range());
    case pb::RequestOp::kRequestPut:
      return op.request_put().key().empty() ? errors::EmptyKey() : absl::OkStatus();
    case pb::RequestOp::kRequestDeleteRange:
      return op.request_delete_range().key().empty() ? errors::EmptyKey() : absl::OkStatus();
    case pb::RequestOp::kRequestTxn:
      return CheckOps(op.request_txn(), max_ops);
    case pb::RequestOp::REQUEST_NOT_SET:
      break;
  }
  return errors::EmptyKey();
}

absl::Status CheckOps(const pb::TxnRequest& txn, int max_ops) {
  const int most = std::max({txn.compare_size(), txn.success_size(), txn.failure_size()});
  if (most > max_ops) return errors::TooManyOps();
  for (const pb::Compare& compare : txn.compare()) {
    if (compare.key().empty()) return errors::EmptyKey();
  }
  for (const Ops* ops : {&txn.success(), &txn.failure()}) {
    for (const pb::RequestOp& op : *ops) RETURN_IF_ERROR(CheckOp(op, max_ops - most));
  }
  return absl::OkStatus();
}

// The keys that a list of operations may write, its nested Txns included.
struct Written {
  std::set<std::string> puts;
  std::vector<std::pair<std::string, std::string>> deletes;

  bool Deletes(const std::string& key) const {
    return std::any_of(deletes.begin(), deletes.end(),
                       [&](const auto& range) { return InRange(key, range.first, range.second); });
  }
  bool Touches(const std::string& key) const { return puts.count(key) > 0 || Deletes(key); }
  void AddDeletes(const Written& other) {
    deletes.insert(deletes.end(), other.deletes.begin(), other.deletes.end());
  }
};

absl::Status Collect(const Ops& ops, Written& written);

absl::Status CollectNested(const pb::TxnRequest& txn, Written& written) {
  Written then, otherwise;
  RETURN_IF_ERROR(Collect(txn.success(), then));
  RETURN_IF_ERROR(Collect(txn.failure(), otherwise));
  for (const std::string& key : then.puts) {
    if (written.Touches(key)) return errors::DuplicateKey();
  }
  for (const std::string& key : otherwise.puts) {
    // Only one of the two branches will be taken.
    if (written.Touches(key)) return errors::DuplicateKey();
  }
  written.puts.insert(then.puts.begin(), then.puts.end());
  written.puts.insert(otherwise.puts.begin(), otherwise.puts.end());
  written.AddDeletes(then);
  written.AddDeletes(otherwise);
  return absl::OkStatus();
}

absl::Status Collect(const Ops& ops, Written& written) {
  for (const pb::RequestOp& op : ops) {
    if (!op.has_request_delete_range()) continue;
    written.deletes.emplace_back(op.request_delete_range().key(),
                                 op.request_delete_range().range_end());
  }
  for (const pb::RequestOp& op : ops) {
    if (op.has_request_txn()) RETURN_IF_ERROR(CollectNested(op.request_txn(), written));
  }
  for (const pb::RequestOp& op : ops) {
    if (!op.has_request_put()) continue;
    if (written.Touches(op.request_put().key())) return errors::DuplicateKey();
    written.puts.insert(op.request_put().key());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRange(const pb::RangeRequest& request) {
  return request.key().empty() ? errors::EmptyKey() : absl::OkStatus();
}

absl::Status CheckTxn(const pb::TxnRequest& request, int max_ops) {
  RETURN_IF_ERROR(CheckOps(request, max_ops));
  for (const Ops* ops : {&request.success(), &request.failure()}) {
    Written written;
    RETURN_IF_ERROR(Collect(*ops, written));
  }
  return absl::OkStatus();
}

bool CostsSpace(const pb::TxnRequest& request) {
  const auto puts = [](const pb::RequestOp& op) { return op.has_request_put(); };
  return std::any_of(request.success().begin(), request.success().end(), puts) ||
         std::any_of(request.failure().begin(), request.failure().end(), puts);
}

}  // namespace rollcall::etcd
