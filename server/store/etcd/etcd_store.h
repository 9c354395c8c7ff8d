// EtcdStore: the Store of a cluster: etcd orders and keeps, every node holds everything in memory.
//
// A revision is etcd's mod revision; keys stand under a prefix that nobody above sees. A group is
// one Txn of nested Txns. The watch heals by itself: after a break it goes on from the last
// revision told, and tells everything anew when that is not kept any more. etcd keeps no time of
// commit: a ChangeSet's is told by the records in it, see commit_time.h.
//
// Lives on one executor: calls are made there, callbacks come there, later than the calls; age()
// alone is thread-safe. What etcd has not answered when this is destroyed is never answered. The
// EtcdApi must outlive it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/barrier.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/contact.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/etcd_watcher.h"
#include "server/store/etcd/group_commit.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/etcd/pager.h"
#include "server/store/etcd/probe.h"
#include "server/store/etcd/store_fence.h"
#include "server/store/etcd/store_identity.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class EtcdStore final : public store::Store {
 public:
  struct Options {
    std::string prefix = "/rollcall/";
    GroupCommit::Options commit;
    Pager::Options paging;
    etcd::Barrier::Options barrier;
    Probe::Options probe;
    // Of one version of a record.
    absl::Duration read_within = absl::Seconds(5);
    // Told every few seconds while the store cannot be opened: why, and for how long so far.
    StoreIdentity::OnWaiting on_waiting;
    // Told once when this is no more the store that was opened: nothing is told or committed from
    // then on; a new one must be opened, and what was kept of this one dropped.
    StoreFence::OnReplaced on_replaced;
  };

  // An opening under way; destroying it gives up.
  class Opening;
  // Reads which store stands in etcd, or makes one. Waits for etcd as long as it takes; an error is
  // one that waiting will not mend (FAILED_PRECONDITION: a newer program's store; UNAUTHENTICATED,
  // PERMISSION_DENIED). `done` may destroy the Opening.
  using OpenDone = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<EtcdStore>>)>;
  static std::unique_ptr<Opening> Open(EtcdApi& api, base::Executor& executor,
                                       const base::Clock& clock, base::Random& random,
                                       Options options, OpenDone done);

  // The store as this process knew it, while etcd cannot say what stands there. When it can, and it
  // is another, on_replaced is told.
  static std::unique_ptr<EtcdStore> Presume(EtcdApi& api, base::Executor& executor,
                                            const base::Clock& clock, base::Random& random,
                                            Options options, const StoreId& id);

  const StoreId& id() const override { return id_; }
  // The value of c/store of this store.
  const std::string& record() const { return fence_.record(); }
  size_t max_group() const override { return options_.commit.limits.max_group; }
  absl::Duration age() const override { return contact_.age(); }
  absl::Status Follow(Revision after, store::Follower& follower) override;
  void Reload() override { watcher_.Reload(); }
  void Commit(std::vector<store::Transaction> group, CommitDone done) override;
  void Barrier(BarrierDone done) override;
  void Versions(std::string key, Revision after, VersionsDone done) override;

 private:
  EtcdStore(EtcdApi& api, base::Executor& executor, const base::Clock& clock, base::Random& random,
            Options options, StoreIdentity::Found found);

  const Options options_;
  const KeyPrefix prefix_;
  const StoreId id_;
  Contact contact_;
  Calls calls_;
  StoreFence fence_;
  etcd::Barrier barrier_;
  EtcdWatcher watcher_;
  GroupCommit commit_;
  Probe probe_;
};

class EtcdStore::Opening {
 public:
  Opening(EtcdApi& api, base::Executor& executor, const base::Clock& clock, base::Random& random,
          Options options, OpenDone done);

 private:
  const KeyPrefix prefix_;
  StoreIdentity identity_;
};

}  // namespace rollcall::etcd
