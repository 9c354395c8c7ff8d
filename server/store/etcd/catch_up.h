// CatchUp: finds out when a watch has told everything that was acknowledged when it was opened.
//
// That is when it has told what a barrier, asked then, answered; and if etcd then still keeps the
// revision from which the watch was opened: of a watch from a compacted revision, deletions go
// missing without a word (etcd drops them with the revisions before). Lives on one executor.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/barrier.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"

namespace rollcall::etcd {

class CatchUp {
 public:
  struct Callbacks {
    // OK: caught up. OUT_OF_RANGE: something may have been missed.
    std::function<void(const absl::Status&)> done;
    // Something failed, and is tried again.
    std::function<void(const absl::Status&)> trouble;
  };
  CatchUp(Calls& calls, const KeyPrefix& prefix, Barrier& barrier, base::Executor& executor,
          const base::Clock& clock, base::Random& random, Callbacks callbacks);

  // A watch from behind `start` stands.
  void Begin(Revision start);
  // Forgets what was begun.
  void Stop();
  void Told(Revision revision);

 private:
  static constexpr absl::Duration kWithin = absl::Seconds(5);

  void AskTarget();
  void OnTarget(const absl::StatusOr<Revision>& target);
  void Check();
  void ReadStart();
  void OnStartRead(const absl::Status& status);
  void Retry(const absl::Status& why, void (CatchUp::*step)());

  Calls& calls_;
  const KeyPrefix& prefix_;
  Barrier& barrier_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const Callbacks callbacks_;
  base::Backoff backoff_{absl::Milliseconds(50), absl::Seconds(2)};
  Revision start_;
  Revision told_;
  // What must be told; nullopt: not known yet, or told.
  std::optional<Revision> target_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
