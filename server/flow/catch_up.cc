#include "server/flow/catch_up.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/model/limits.h"

namespace rollcall::flow {

void CatchUp::Run(base::Instant deadline, Done done) {
  // Taken by whichever comes first, the store's answer or the deadline.
  auto waiting = std::make_shared<Done>(std::move(done));
  const auto timer = core_.PostAt(deadline, [waiting] {
    Done late = std::exchange(*waiting, nullptr);
    if (late) late(absl::UnavailableError("the store has not answered in time; try again"));
  });
  store_.Barrier([this, deadline, waiting, timer](absl::StatusOr<Revision> barrier) {
    Done done = std::exchange(*waiting, nullptr);
    if (!done) return;
    core_.Cancel(timer);
    OnBarrier(std::move(barrier), deadline, std::move(done));
  });
}

void CatchUp::OnBarrier(absl::StatusOr<Revision> barrier, base::Instant deadline, Done done) {
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
}

}  // namespace rollcall::flow
