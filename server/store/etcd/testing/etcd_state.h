// EtcdState: what an etcd cluster agrees on: keys, leases, alarms; and how it carries out requests.
//
// One state for the whole cluster, changed by one request after another, as Raft makes it. Knows
// nothing of connections, members and quorum; time arrives as an argument. Thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "etcd/rpc.pb.h"
#include "server/store/etcd/testing/keyspace.h"
#include "server/store/etcd/testing/txn_rules.h"

namespace rollcall::etcd {

class EtcdState {
 public:
  struct Options {
    int max_txn_ops = kDefaultMaxTxnOps;
    size_t max_request_bytes = 3 << 19;
    int64_t min_lease_ttl_seconds = 2;
    // Over it, the next request that costs space is refused and raises NOSPACE. 0: never.
    int64_t quota_bytes = int64_t{2} << 30;
  };
  static constexpr uint64_t kMemberId = 0x8e9e05c52164694d;

  explicit EtcdState(Options options) : options_(options) {}

  absl::StatusOr<pb::RangeResponse> Range(const pb::RangeRequest& request) const;
  absl::StatusOr<pb::TxnResponse> Txn(const pb::TxnRequest& request);
  absl::StatusOr<pb::CompactionResponse> Compact(const pb::CompactionRequest& request);
  absl::StatusOr<pb::LeaseGrantResponse> Grant(const pb::LeaseGrantRequest& request,
                                               base::Instant now, int64_t free_id);
  absl::StatusOr<pb::LeaseRevokeResponse> Revoke(const pb::LeaseRevokeRequest& request);
  absl::StatusOr<pb::LeaseKeepAliveResponse> KeepAlive(const pb::LeaseKeepAliveRequest& request,
                                                       base::Instant now);
  absl::StatusOr<pb::AlarmResponse> Alarm(const pb::AlarmRequest& request);

  // Revokes what is over. True if there was any.
  bool ExpireLeases(base::Instant now);
  // A new leader gives every lease its whole time again, and `extra`.
  void ExtendLeases(base::Instant now, absl::Duration extra);
  // When the first lease is over; InfiniteFuture: there is none.
  base::Instant next_expiry() const;

  const Keyspace& keys() const { return keys_; }
  int64_t db_size() const { return db_size_; }
  // Gives back the space that compaction has freed.
  void Defragment() { db_size_ = keys_.bytes(); }
  void set_quota(int64_t bytes) { options_.quota_bytes = bytes; }
  // Of any member.
  bool alarmed(pb::AlarmType type) const {
    const auto first = alarms_.lower_bound({type, 0});
    return first != alarms_.end() && first->first == type;
  }

 private:
  struct Lease {
    absl::Duration ttl;
    base::Instant expiry;
    std::set<std::string> keys;
  };
  // Which branch each Txn takes, outer before inner, in order: decided before anything is written.
  using Path = std::vector<bool>;

  bool Holds(const pb::Compare& compare) const;
  void Decide(const pb::TxnRequest& request, Path& path) const;
  // Of the branches taken: first all leases, then all revisions.
  enum class Check { kLeases, kRevisions };
  absl::Status CheckBranches(const pb::TxnRequest& request, Check check,
                             Path::const_iterator& at) const;
  absl::Status CheckOp(const pb::RequestOp& op, Check check, Path::const_iterator& at) const;
  void Apply(const pb::TxnRequest& request, Path::const_iterator& at, pb::TxnResponse& response);
  void ApplyOp(const pb::RequestOp& op, Path::const_iterator& at, pb::ResponseOp& response);
  void Put(const pb::PutRequest& request);
  int64_t Delete(const std::string& key, const std::string& range_end);
  absl::Status CheckSound() const;
  absl::Status TakeSpace();
  void RevokeNow(std::map<int64_t, Lease>::iterator lease);
  void Grown();

  Options options_;
  Keyspace keys_;
  std::map<int64_t, Lease> leases_;
  std::set<std::pair<pb::AlarmType, uint64_t>> alarms_;
  int64_t db_size_ = 0;
};

}  // namespace rollcall::etcd
