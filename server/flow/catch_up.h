// CatchUp: makes sure that this node knows what it may deny.
//
// Asks the store for a point that lies behind everything that was acknowledged anywhere, and waits
// until this node has applied it. Whoever finds nothing after that may say so.
//
// Lives on the core executor.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "server/replica/replica.h"
#include "server/store/store.h"

namespace rollcall::flow {

class CatchUp {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;

  CatchUp(store::Store& store, replica::Replica& replica, const base::Clock& clock)
      : store_(store), replica_(replica), clock_(clock) {}

  // `done`, at the latest kRevisionWait after the store has answered or at `deadline`: the revision
  // that is applied, or UNAVAILABLE.
  void Run(base::Instant deadline, Done done);

 private:
  store::Store& store_;
  replica::Replica& replica_;
  const base::Clock& clock_;
};

}  // namespace rollcall::flow
