// ReadGate: lets a read go on when this node knows as much as the read asks for, and a denial only
// when it knows all that was acknowledged anywhere.
//
// A node that lags, or has yet to load, so never says that something is not there while it may
// merely not know it: what cannot be known in time is UNAVAILABLE. Thread-safe; what must be waited
// for goes through the core executor.
#pragma once

#include <atomic>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "rollcall/v1/types.pb.h"
#include "server/catalog/view_table.h"
#include "server/flow/catch_up.h"
#include "server/replica/replica.h"
#include "server/rpc/call.h"

namespace rollcall::rpc {

class ReadGate {
 public:
  struct Want {
    v1::Consistency consistency = v1::CONSISTENCY_ANY;
    Revision at_least = Revision(0);
    // Of `at_least`; empty: this one.
    std::string store_id = {};
  };
  using Pass = absl::AnyInvocable<void(absl::Status)>;

  ReadGate(const catalog::ViewTable& views, base::Executor& core, const base::Clock& clock,
           replica::Replica& replica, flow::CatchUp& catch_up)
      : views_(views), core_(core), clock_(clock), replica_(replica), catch_up_(catch_up) {}

  // `pass`: OK when this node knows what is wanted, on the calling thread if it does already, else
  // on the core executor; UNAVAILABLE if it does not within kRevisionWait or the call's deadline;
  // OUT_OF_RANGE for a revision of another store.
  void Read(const Want& want, const Call& call, Pass pass);
  // What is told to those who take what this node knows: UNAVAILABLE as long as it has loaded
  // nothing at all.
  absl::Status Loaded() const;
  // Not before it has caught up. True at first.
  void SetReady(bool ready) { ready_ = ready; }
  // Before "there is none" is said: on the core executor, OK when this node knows all that was
  // acknowledged before, as LATEST. Look again then.
  void Deny(const Call& call, Pass pass);

 private:
  void CatchUpTo(Revision at_least, base::Instant deadline, Pass pass);

  const catalog::ViewTable& views_;
  base::Executor& core_;
  const base::Clock& clock_;
  replica::Replica& replica_;
  flow::CatchUp& catch_up_;
  std::atomic<bool> ready_{true};
};

}  // namespace rollcall::rpc
