// EtcdLeases: the leased keys of one process in etcd, all under one lease.
//
// The lease is renewed every third of its TTL, and counts as lost when its time is over by this
// process's own clock; the next one gets the kept keys, and then the old one is revoked, so that an
// office of it comes free and a kept key is never seen to go. At every renewal the keys are made to
// be as they shall be, whatever has become of them. Nothing is written once another store stands in
// place of the one opened.
//
// A full etcd grants no leases, but renews them and takes what is put in nested Txns, as all is
// here: so the office whose holder makes room can change hands. Lives on one executor: calls are
// made there, callbacks come there, later than the calls. The EtcdApi must outlive it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/lease_keeper.h"
#include "server/store/etcd/leased_keys.h"
#include "server/store/leases.h"

namespace rollcall::etcd {

class EtcdLeases final : public store::Leases {
 public:
  struct Options {
    std::string prefix = "/rollcall/";
    // The value of c/store of the store opened.
    std::string store_record;
    // In whole seconds, two at least.
    absl::Duration ttl = absl::Seconds(5);
  };

  EtcdLeases(EtcdApi& api, base::Executor& executor, const base::Clock& clock, base::Random& random,
             Options options);

  void Keep(const std::string& key, std::string value) override;
  // An error: it is not known to be ours, and will not be tried any more. A put under way may yet
  // make it ours; taken again, it is then found to be.
  void Take(const std::string& key, std::string value, TakeDone done) override;
  void Drop(const std::string& key, absl::AnyInvocable<void(absl::Status)> done) override;
  void End(absl::AnyInvocable<void(absl::Status)> done) override;

  void OnLost(std::function<void()> lost) override { on_lost_ = std::move(lost); }
  base::Instant confirmed() const override { return keeper_.confirmed(); }
  absl::Duration ttl() const override { return keeper_.ttl(); }

 private:
  // Whether the keys may be written.
  enum class Phase { kOpen, kEnded, kReplaced };

  // Brings etcd to what shall be, soon.
  void Wake();
  void Sync();
  void OnSynced(int64_t lease, const absl::StatusOr<pb::TxnResponse>& answer);
  void OnSyncError(const absl::Status& error);
  void OnLeaseLost();
  void OnReplaced();
  void TellLost(const absl::Status& why);
  void RevokeOld();
  // Out of a call of the owner's.
  void RunLater(LeasedKeys::Answers answers);

  EtcdApi& api_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  LeasedKeys keys_;
  std::function<void()> on_lost_;
  Phase phase_ = Phase::kOpen;
  // A Txn is under way, or will be sent after a wait.
  bool syncing_ = false;
  base::Backoff backoff_;
  // Lost by our clock, perhaps not by etcd's.
  std::vector<int64_t> old_leases_;
  // What belongs to the lease at hand.
  base::Lifeline lease_life_;
  base::Lifeline life_;
  // Last: its events come here.
  LeaseKeeper keeper_;
};

}  // namespace rollcall::etcd
