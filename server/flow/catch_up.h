// CatchUp: makes sure that this node knows what it may deny.
//
// Asks the store for a point that lies behind everything that was acknowledged anywhere, and waits
// until this node has applied it. Whoever finds nothing after that may say so.
//
// Lives on the core executor, which runs no more tasks once it is destroyed.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/replica/replica.h"
#include "server/store/store.h"

namespace rollcall::flow {

class CatchUp {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;

  CatchUp(store::Store& store, replica::Replica& replica, base::Executor& core,
          const base::Clock& clock)
      : store_(store), replica_(replica), core_(core), clock_(clock) {}

  // `done`, at the latest kRevisionWait after the store has answered, or at `deadline`: the
  // revision that is applied, or UNAVAILABLE.
  void Run(base::Instant deadline, Done done);

 private:
  void OnBarrier(absl::StatusOr<Revision> barrier, base::Instant deadline, Done done);

  store::Store& store_;
  replica::Replica& replica_;
  base::Executor& core_;
  const base::Clock& clock_;
};

}  // namespace rollcall::flow
