#include "server/store/etcd/etcd_leases.h"

#include <utility>

#include "absl/strings/match.h"

namespace rollcall::etcd {
namespace {

constexpr absl::Duration kSyncWithin = absl::Seconds(2);
constexpr absl::Duration kRevokeWithin = absl::Seconds(2);
constexpr absl::Duration kFirstWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(1);

// Asking again may help, whatever became of the request.
bool WorthAsking(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return absl::StrContains(error.message(), "too many requests");
    default:
      return false;
  }
}

void Run(LeasedKeys::Answers answers) {
  for (auto& answer : answers) answer();
}

}  // namespace

EtcdLeases::EtcdLeases(EtcdApi& api, base::Executor& executor, const base::Clock& clock,
                       base::Random& random, Options options)
    : api_(api),
      executor_(executor),
      clock_(clock),
      random_(random),
      keys_(KeyPrefix(options.prefix), std::move(options.store_record)),
      backoff_(kFirstWait, kLongestWait),
      keeper_(
          api, executor, clock, random, options.ttl,
          LeaseKeeper::Events{[this] { Wake(); }, [this] { Wake(); }, [this] { OnLeaseLost(); }}) {}

void EtcdLeases::Keep(const std::string& key, std::string value) {
  if (phase_ != Phase::kOpen) return;
  keys_.Keep(key, std::move(value));
  Wake();
}

void EtcdLeases::Take(const std::string& key, std::string value, TakeDone done) {
  keys_.Take(key, std::move(value), std::move(done));
  if (phase_ == Phase::kOpen) return Wake();
  RunLater(keys_.FailTakes(absl::FailedPreconditionError("the lease was ended")));
}

void EtcdLeases::Drop(const std::string& key, absl::AnyInvocable<void(absl::Status)> done) {
  keys_.Drop(key, std::move(done));
  if (phase_ == Phase::kOpen && keeper_.held()) return Wake();
  // Without a lease there is nothing of ours: what an old one left goes with it.
  RunLater(keys_.FailDrops(absl::OkStatus()));
}

void EtcdLeases::End(absl::AnyInvocable<void(absl::Status)> done) {
  if (phase_ == Phase::kOpen) phase_ = Phase::kEnded;
  lease_life_.Cut();
  keys_.Clear();
  RunLater(keys_.FailTakes(absl::CancelledError("the lease was ended")));
  keeper_.End([this, done = std::move(done)](absl::Status status) mutable {
    for (auto& answer : keys_.FailDrops(status)) answer();
    if (done) done(status);
  });
}

void EtcdLeases::RunLater(LeasedKeys::Answers answers) {
  if (answers.empty()) return;
  executor_.Post(
      life_.Guard([answers = std::move(answers)]() mutable { Run(std::move(answers)); }));
}

// Syncing.

void EtcdLeases::Wake() {
  if (phase_ != Phase::kOpen || syncing_) return;
  if (!keeper_.held()) {
    if (keys_.wanted()) keeper_.Start();
    return;
  }
  syncing_ = true;
  executor_.Post(lease_life_.Guard([this] { Sync(); }));
}

void EtcdLeases::Sync() {
  const int64_t lease = keeper_.id();
  api_.Txn(keys_.Build(lease), kSyncWithin,
           lease_life_.Guard([this, lease](const absl::StatusOr<pb::TxnResponse>& answer) {
             OnSynced(lease, answer);
           }));
}

void EtcdLeases::OnSynced(int64_t lease, const absl::StatusOr<pb::TxnResponse>& answer) {
  if (!answer.ok()) return OnSyncError(answer.status());
  if (!answer->succeeded()) return OnReplaced();
  syncing_ = false;
  backoff_.Reset();
  RevokeOld();
  LeasedKeys::Answers answers = keys_.Settle(lease, *answer);
  if (keys_.unsettled()) Wake();
  // At once, and so never after the loss of what they tell; last, for they may end us.
  Run(std::move(answers));
}

void EtcdLeases::OnSyncError(const absl::Status& error) {
  // A put named the lease, and etcd does not know it.
  if (absl::IsNotFound(error)) return keeper_.Gone();
  executor_.PostAt(clock_.Steady() + backoff_.Next(random_), lease_life_.Guard([this] { Sync(); }));
  if (!WorthAsking(error)) Run(keys_.FailTakes(error));
}

// The kept keys are under the lease at hand now; what is left under old ones are offices.
void EtcdLeases::RevokeOld() {
  for (const int64_t lease : std::exchange(old_leases_, {})) {
    pb::LeaseRevokeRequest request;
    request.set_id(lease);
    // If it fails, etcd ends the lease in time.
    api_.LeaseRevoke(request, kRevokeWithin, [](const absl::StatusOr<pb::LeaseRevokeResponse>&) {});
  }
}

// Losing.

void EtcdLeases::OnLeaseLost() {
  lease_life_.Cut();
  syncing_ = false;
  backoff_.Reset();
  old_leases_.push_back(keeper_.id());
  keys_.Unsettle();
  TellLost(absl::UnavailableError("the lease was lost"));
}

void EtcdLeases::TellLost(const absl::Status& why) {
  LeasedKeys::Answers takes = keys_.FailTakes(why);
  LeasedKeys::Answers drops = keys_.FailDrops(absl::OkStatus());
  Wake();
  // Each of these may end us.
  auto lost = life_.Guard([this] {
    if (on_lost_) on_lost_();
  });
  Run(std::move(takes));
  Run(std::move(drops));
  lost();
}

void EtcdLeases::OnReplaced() {
  phase_ = Phase::kReplaced;
  lease_life_.Cut();
  keys_.Clear();
  keeper_.End(nullptr);
  TellLost(absl::FailedPreconditionError("the store was replaced"));
}

}  // namespace rollcall::etcd
