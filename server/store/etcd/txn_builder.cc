#include "server/store/etcd/txn_builder.h"

#include <algorithm>
#include <string>
#include <utility>

namespace rollcall::etcd {
namespace {

// Of a message and its fields' headers, roughly.
constexpr size_t kOverhead = 16;

void AddGuards(pb::TxnRequest& txn, const KeyPrefix& prefix,
               const std::vector<store::Guard>& guards) {
  for (const store::Guard& guard : guards) {
    AddModCompare(txn, prefix.Full(guard.key), guard.revision);
    AddRange(*txn.mutable_failure(), prefix.Full(guard.key));
  }
}

void AddWrites(pb::TxnRequest& txn, const KeyPrefix& prefix, const store::Transaction& member) {
  for (const store::Put& put : member.puts) AddPut(txn, prefix.Full(put.key), put.value);
  for (const std::string& key : member.deletes) {
    txn.add_success()->mutable_request_delete_range()->set_key(prefix.Full(key));
  }
}

// Fills one Txn after another.
class Splitter {
 public:
  explicit Splitter(const TxnLimits& limits) : limits_(limits) {}

  void Add(size_t place, const store::Transaction& member) {
    const size_t ops = std::max(ops_, OpsOf(member));
    const size_t bytes = bytes_ + BytesOf(member);
    const bool fits = places_.size() < limits_.max_group && bytes <= limits_.max_group_bytes &&
                      places_.size() + 1 + ops <= limits_.max_txn_ops;
    if (!fits) End();
    places_.push_back(place);
    bytes_ += BytesOf(member);
    ops_ = std::max(ops_, OpsOf(member));
  }
  void End() {
    if (!places_.empty()) split_.push_back(std::exchange(places_, {}));
    bytes_ = 0;
    ops_ = 0;
  }
  Split Take() { return std::move(split_); }

 private:
  const TxnLimits& limits_;
  Split split_;
  std::vector<size_t> places_;
  size_t bytes_ = 0;
  size_t ops_ = 0;
};

}  // namespace

void AddPut(pb::TxnRequest& txn, std::string key, std::string value) {
  pb::PutRequest& put = *txn.add_success()->mutable_request_put();
  put.set_key(std::move(key));
  put.set_value(std::move(value));
}

void AddRange(google::protobuf::RepeatedPtrField<pb::RequestOp>& ops, std::string key) {
  ops.Add()->mutable_request_range()->set_key(std::move(key));
}

void AddModCompare(pb::TxnRequest& txn, std::string key, Revision revision) {
  pb::Compare& compare = *txn.add_compare();
  compare.set_target(pb::Compare::MOD);
  compare.set_result(pb::Compare::EQUAL);
  compare.set_key(std::move(key));
  compare.set_mod_revision(static_cast<int64_t>(revision.value()));
}

size_t BytesOf(const store::Transaction& transaction) {
  size_t bytes = kOverhead;
  // Compared, and read if it fails.
  for (const auto& guard : transaction.guards) bytes += 2 * (guard.key.size() + kOverhead);
  for (const auto& put : transaction.puts) bytes += put.key.size() + put.value.size() + kOverhead;
  for (const auto& key : transaction.deletes) bytes += key.size() + kOverhead;
  return bytes;
}

size_t OpsOf(const store::Transaction& transaction) {
  return std::max(transaction.guards.size(), transaction.puts.size() + transaction.deletes.size());
}

bool GuardsItsWrites(const store::Transaction& transaction) {
  const auto guarded = [&](const std::string& key) {
    return std::any_of(transaction.guards.begin(), transaction.guards.end(),
                       [&](const store::Guard& guard) { return guard.key == key; });
  };
  return std::any_of(transaction.puts.begin(), transaction.puts.end(),
                     [&](const store::Put& put) { return guarded(put.key); });
}

Split SplitGroup(absl::Span<const store::Transaction> group, const TxnLimits& limits) {
  Splitter splitter(limits);
  for (size_t i = 0; i < group.size(); ++i) {
    if (!group[i].puts.empty()) splitter.Add(i, group[i]);
  }
  splitter.End();
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i].puts.empty()) splitter.Add(i, group[i]);
  }
  splitter.End();
  return splitter.Take();
}

pb::TxnRequest BuildTxn(const KeyPrefix& prefix, absl::Span<const store::Transaction> members) {
  pb::TxnRequest txn;
  for (const store::Transaction& member : members) {
    pb::TxnRequest& nested = *txn.add_success()->mutable_request_txn();
    AddGuards(nested, prefix, member.guards);
    AddWrites(nested, prefix, member);
  }
  return txn;
}

pb::TxnRequest BuildCheck(const KeyPrefix& prefix, absl::Span<const store::Transaction> members) {
  pb::TxnRequest txn;
  for (const store::Transaction& member : members) {
    AddGuards(*txn.add_success()->mutable_request_txn(), prefix, member.guards);
  }
  return txn;
}

}  // namespace rollcall::etcd
