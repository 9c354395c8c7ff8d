#include "server/flow/catch_up.h"

#include <algorithm>
#include <utility>

#include "server/model/limits.h"

namespace rollcall::flow {

void CatchUp::Run(base::Instant deadline, Done done) {
  store_.Barrier(
      [this, deadline, done = std::move(done)](absl::StatusOr<Revision> barrier) mutable {
        if (!barrier.ok()) return done(barrier.status());
        replica_.WhenApplied(
            *barrier, std::min(deadline, clock_.Steady() + kRevisionWait),
            [revision = *barrier, done = std::move(done)](const absl::Status& status) mutable {
              if (status.ok()) {
                done(revision);
              } else {
                done(status);
              }
            });
      });
}

}  // namespace rollcall::flow
