// EtcdWatcher: tells a follower everything that stands, then every change, and heals whatever comes
// between.
//
//            ┌────────── not kept any more ───────────┐
//            ▼                                        │
//   Follow(0) ──▶ kLoad ── OnSnapshot ──┐             │
//                                       ├──▶ kWatch ──┤
//   Follow(r) ─▶ kLeased ── OnLeased ───┘      ▲      │
//                                              └──────┘ ended, stuck: again from the last revision
//
// A step that fails is tried again with backoff, from where it was. OnCaughtUp comes when CatchUp
// says so; a break that is healed at once is no interruption (Continuity). When the fence is broken
// it stops: what comes then belongs to another store.
//
// Lives on one executor.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/barrier.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/catch_up.h"
#include "server/store/etcd/continuity.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/etcd/pager.h"
#include "server/store/etcd/store_fence.h"
#include "server/store/etcd/watch_health.h"
#include "server/store/etcd/watch_stream.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class EtcdWatcher final : public WatchStream::Listener {
 public:
  EtcdWatcher(EtcdApi& api, Calls& calls, const KeyPrefix& prefix, StoreFence& fence,
              Barrier& barrier, base::Executor& executor, const base::Clock& clock,
              base::Random& random, Pager::Options paging);

  // Once.
  void Follow(Revision after, store::Follower& follower);
  // Tells everything anew, though nothing is missing.
  void Reload();
  // `revision` was written here and must be told.
  void Expect(Revision revision);
  // etcd was seen to stand at `revision`, which need not be of our store.
  void Seen(Revision revision);

 private:
  enum class Step { kLoad, kLeased, kWatch };

  void Begin(Step step);
  void Run();
  // All there is, instances last.
  std::vector<KeyPrefix::Span> Everything() const;
  void RunPager(std::vector<KeyPrefix::Span> spans, Revision revision);
  void OnPage(std::vector<store::Record> records);
  void OnPaged(const absl::Status& status);
  void TellSnapshot();
  void TellLeased();
  void OpenWatch();
  void LoadAnew(const absl::Status& why);
  void Retry(const absl::Status& why);
  void CloseWatch();
  void Stop();

  void OnWatchCreated() override;
  void OnWatchChange(store::ChangeSet change) override;
  void OnWatchEnd(absl::Status why) override;
  void Told(Revision revision);

  void OnCatchUp(const absl::Status& status);

  void ArmPatience();
  void OnPatienceOver();

  EtcdApi& api_;
  Calls& calls_;
  const KeyPrefix& prefix_;
  StoreFence& fence_;
  Barrier& barrier_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const Pager::Options paging_;

  store::Follower* follower_ = nullptr;
  Revision told_;
  absl::Time told_at_ = absl::InfinitePast();

  Step step_ = Step::kLoad;
  std::unique_ptr<Pager> pager_;         // of kLoad and kLeased
  std::optional<std::string> store_;     // what kLoad has read of it
  std::vector<store::Record> leased_;    // what kLeased has read
  std::unique_ptr<WatchStream> stream_;  // of kWatch
  Revision start_;                       // where it was opened
  base::Backoff backoff_{absl::Milliseconds(50), absl::Seconds(2)};

  Continuity continuity_;
  CatchUp catch_up_;
  WatchHealth health_;
  bool patience_armed_ = false;

  base::Lifeline step_life_;  // cut at the end of each step
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
