#include "server/store/etcd/testing/etcd_state.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/testing/errors.h"

namespace rollcall::etcd {
namespace {

constexpr int64_t kLongestTtlSeconds = 9'000'000'000;
// gRPC stands before etcd's own limit, with some room for the envelope.
constexpr size_t kGrpcRoom = 512 << 10;

template <typename T>
bool Satisfies(pb::Compare::CompareResult wanted, const T& found, const T& given) {
  switch (wanted) {
    case pb::Compare::EQUAL:
      return found == given;
    case pb::Compare::NOT_EQUAL:
      return found != given;
    case pb::Compare::GREATER:
      return found > given;
    case pb::Compare::LESS:
      return found < given;
    default:
      return false;
  }
}

const auto& TakenBranch(const pb::TxnRequest& request, bool holds) {
  return holds ? request.success() : request.failure();
}

}  // namespace

bool EtcdState::Holds(const pb::Compare& compare) const {
  const std::optional<pb::KeyValue> found = keys_.Get(compare.key());
  const pb::KeyValue kv = found.value_or(pb::KeyValue());
  switch (compare.target()) {
    case pb::Compare::VERSION:
      return Satisfies(compare.result(), kv.version(), compare.version());
    case pb::Compare::CREATE:
      return Satisfies(compare.result(), kv.create_revision(), compare.create_revision());
    case pb::Compare::MOD:
      return Satisfies(compare.result(), kv.mod_revision(), compare.mod_revision());
    case pb::Compare::VALUE:
      return found && Satisfies(compare.result(), kv.value(), compare.value());
    case pb::Compare::LEASE:
      return Satisfies(compare.result(), kv.lease(), compare.lease());
    default:
      return false;
  }
}

void EtcdState::Decide(const pb::TxnRequest& request, Path& path) const {
  const bool holds = std::all_of(request.compare().begin(), request.compare().end(),
                                 [this](const pb::Compare& compare) { return Holds(compare); });
  path.push_back(holds);
  for (const pb::RequestOp& op : TakenBranch(request, holds)) {
    if (op.has_request_txn()) Decide(op.request_txn(), path);
  }
}

absl::Status EtcdState::CheckOp(const pb::RequestOp& op, Check check,
                                Path::const_iterator& at) const {
  if (op.has_request_txn()) return CheckBranches(op.request_txn(), check, at);
  if (op.has_request_range() && check == Check::kRevisions) {
    return keys_.CheckRevision(op.request_range().revision());
  }
  if (op.has_request_put() && check == Check::kLeases) {
    const int64_t lease = op.request_put().lease();
    if (lease != 0 && leases_.count(lease) == 0) return errors::LeaseNotFound();
  }
  return absl::OkStatus();
}

absl::Status EtcdState::CheckBranches(const pb::TxnRequest& request, Check check,
                                      Path::const_iterator& at) const {
  for (const pb::RequestOp& op : TakenBranch(request, *at++)) {
    RETURN_IF_ERROR(CheckOp(op, check, at));
  }
  return absl::OkStatus();
}

void EtcdState::Put(const pb::PutRequest& request) {
  const std::optional<pb::KeyValue> before =
      keys_.Put(request.key(), request.value(), request.lease());
  if (before && before->lease() != 0) {
    if (const auto old = leases_.find(before->lease()); old != leases_.end()) {
      old->second.keys.erase(request.key());
    }
  }
  if (request.lease() != 0) leases_.at(request.lease()).keys.insert(request.key());
}

int64_t EtcdState::Delete(const std::string& key, const std::string& range_end) {
  const std::vector<pb::KeyValue> deleted = keys_.Delete(key, range_end);
  for (const pb::KeyValue& kv : deleted) {
    if (const auto lease = leases_.find(kv.lease()); lease != leases_.end()) {
      lease->second.keys.erase(kv.key());
    }
  }
  return static_cast<int64_t>(deleted.size());
}

void EtcdState::ApplyOp(const pb::RequestOp& op, Path::const_iterator& at,
                        pb::ResponseOp& response) {
  if (op.has_request_range()) {
    *response.mutable_response_range() = *keys_.Range(op.request_range());
  } else if (op.has_request_put()) {
    Put(op.request_put());
    response.mutable_response_put()->mutable_header()->set_revision(keys_.pending_revision());
  } else if (op.has_request_delete_range()) {
    pb::DeleteRangeResponse& answer = *response.mutable_response_delete_range();
    answer.set_deleted(
        Delete(op.request_delete_range().key(), op.request_delete_range().range_end()));
    answer.mutable_header()->set_revision(keys_.pending_revision());
  } else {
    Apply(op.request_txn(), at, *response.mutable_response_txn());
  }
}

// The header of a nested answer stays empty, as in etcd.
void EtcdState::Apply(const pb::TxnRequest& request, Path::const_iterator& at,
                      pb::TxnResponse& response) {
  response.mutable_header();
  response.set_succeeded(*at++);
  for (const pb::RequestOp& op : TakenBranch(request, response.succeeded())) {
    ApplyOp(op, at, *response.add_responses());
  }
}

absl::StatusOr<pb::RangeResponse> EtcdState::Range(const pb::RangeRequest& request) const {
  RETURN_IF_ERROR(CheckRange(request));
  RETURN_IF_ERROR(CheckSound());
  return keys_.Range(request);
}

absl::StatusOr<pb::TxnResponse> EtcdState::Txn(const pb::TxnRequest& request) {
  const size_t bytes = request.ByteSizeLong();
  if (bytes > options_.max_request_bytes + kGrpcRoom) {
    return absl::ResourceExhaustedError("grpc: received message larger than max");
  }
  RETURN_IF_ERROR(CheckTxn(request, options_.max_txn_ops));
  if (bytes > options_.max_request_bytes) return errors::TooLarge();
  RETURN_IF_ERROR(CheckSound());
  if (CostsSpace(request)) RETURN_IF_ERROR(TakeSpace());
  Path path;
  Decide(request, path);
  for (const Check check : {Check::kLeases, Check::kRevisions}) {
    auto branch = path.cbegin();
    RETURN_IF_ERROR(CheckBranches(request, check, branch));
  }
  pb::TxnResponse response;
  auto at = path.cbegin();
  keys_.Begin();
  Apply(request, at, response);
  keys_.End();
  response.mutable_header()->set_revision(keys_.revision());
  Grown();
  return response;
}

void EtcdState::Grown() { db_size_ = std::max(db_size_, keys_.bytes()); }

// After a CORRUPT alarm nothing is read or written any more.
absl::Status EtcdState::CheckSound() const {
  return alarmed(pb::CORRUPT) ? errors::Corrupt() : absl::OkStatus();
}

absl::Status EtcdState::TakeSpace() {
  if (alarmed(pb::NOSPACE)) return errors::NoSpace();
  if (options_.quota_bytes <= 0 || db_size_ < options_.quota_bytes) return absl::OkStatus();
  alarms_.emplace(pb::NOSPACE, kMemberId);
  return errors::NoSpace();
}

absl::StatusOr<pb::CompactionResponse> EtcdState::Compact(const pb::CompactionRequest& request) {
  RETURN_IF_ERROR(CheckSound());
  RETURN_IF_ERROR(keys_.Compact(request.revision()));
  pb::CompactionResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  return response;
}

absl::StatusOr<pb::LeaseGrantResponse> EtcdState::Grant(const pb::LeaseGrantRequest& request,
                                                        base::Instant now, int64_t free_id) {
  RETURN_IF_ERROR(CheckSound());
  RETURN_IF_ERROR(TakeSpace());
  if (request.ttl() > kLongestTtlSeconds) return errors::LeaseTooLong();
  const int64_t id = request.id() != 0 ? request.id() : free_id;
  if (leases_.count(id) > 0) return errors::LeaseExists();
  const int64_t seconds = std::max(request.ttl(), options_.min_lease_ttl_seconds);
  const absl::Duration ttl = absl::Seconds(seconds);
  leases_.emplace(id, Lease{ttl, now + ttl, {}});
  pb::LeaseGrantResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  response.set_id(id);
  response.set_ttl(seconds);
  return response;
}

// All keys of a lease go in one revision.
void EtcdState::RevokeNow(std::map<int64_t, Lease>::iterator lease) {
  keys_.Begin();
  for (const std::string& key : lease->second.keys) keys_.Delete(key, "");
  keys_.End();
  leases_.erase(lease);
  Grown();
}

absl::StatusOr<pb::LeaseRevokeResponse> EtcdState::Revoke(const pb::LeaseRevokeRequest& request) {
  RETURN_IF_ERROR(CheckSound());
  const auto lease = leases_.find(request.id());
  if (lease == leases_.end()) return errors::LeaseNotFound();
  RevokeNow(lease);
  pb::LeaseRevokeResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  return response;
}

absl::StatusOr<pb::LeaseKeepAliveResponse> EtcdState::KeepAlive(
    const pb::LeaseKeepAliveRequest& request, base::Instant now) {
  pb::LeaseKeepAliveResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  response.set_id(request.id());
  const auto lease = leases_.find(request.id());
  // One that is over and not yet revoked is not brought back.
  if (lease == leases_.end() || lease->second.expiry <= now) return response;
  lease->second.expiry = now + lease->second.ttl;
  response.set_ttl(absl::ToInt64Seconds(lease->second.ttl));
  return response;
}

bool EtcdState::ExpireLeases(base::Instant now) {
  bool any = false;
  for (auto at = leases_.begin(); at != leases_.end();) {
    const auto lease = at++;
    if (now < lease->second.expiry) continue;
    RevokeNow(lease);
    any = true;
  }
  return any;
}

void EtcdState::ExtendLeases(base::Instant now, absl::Duration extra) {
  for (auto& [id, lease] : leases_) {
    lease.expiry = std::max(lease.expiry, now + lease.ttl + extra);
  }
}

base::Instant EtcdState::next_expiry() const {
  base::Instant first = base::Instant::InfiniteFuture();
  for (const auto& [id, lease] : leases_) first = std::min(first, lease.expiry);
  return first;
}

// To put one out the very member has to be named, and is told back.
absl::StatusOr<pb::AlarmResponse> EtcdState::Alarm(const pb::AlarmRequest& request) {
  pb::AlarmResponse response;
  const auto add = [&](const std::pair<pb::AlarmType, uint64_t>& alarm) {
    pb::AlarmMember& member = *response.add_alarms();
    member.set_alarm(alarm.first);
    member.set_memberid(alarm.second);
  };
  const std::pair<pb::AlarmType, uint64_t> named{request.alarm(), request.memberid()};
  switch (request.action()) {
    case pb::AlarmRequest::ACTIVATE:
      alarms_.insert(named);
      add(named);
      break;
    case pb::AlarmRequest::DEACTIVATE:
      if (alarms_.erase(named) > 0) add(named);
      break;
    default:
      for (const auto& alarm : alarms_) {
        if (request.alarm() == pb::NONE || request.alarm() == alarm.first) add(alarm);
      }
  }
  return response;
}

}  // namespace rollcall::etcd
