#include "server/rpc/read_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "server/model/limits.h"

namespace rollcall::rpc {

void ReadGate::Read(const Want& want, const Call& call, Pass pass) {
  const StoreId& here = views_.store_id();
  if (!want.store_id.empty() && want.at_least > Revision(0) && want.store_id != here.value()) {
    return pass(absl::OutOfRangeError(
        absl::StrCat("store_id: revision ", want.at_least.value(), " is of store \"", want.store_id,
                     "\", this is store \"", here.value(), "\"; ask without at_least_revision")));
  }
  const base::Instant deadline = std::min(call.deadline, clock_.Steady() + kRevisionWait);
  if (want.consistency == v1::CONSISTENCY_LATEST && !MUTANT(latest_without_barrier)) {
    return CatchUpTo(want.at_least, deadline, std::move(pass));
  }
  if (want.at_least <= views_.applied()) return pass(Loaded());
  core_.Post([this, revision = want.at_least, deadline, pass = std::move(pass)]() mutable {
    replica_.WhenApplied(revision, deadline, std::move(pass));
  });
}

absl::Status ReadGate::Loaded() const {
  if (ready_ || views_.applied() > Revision(0)) return absl::OkStatus();
  return absl::UnavailableError("this node has yet to load what the store holds; ask another");
}

void ReadGate::Deny(const Call& call, Pass pass) {
  CatchUpTo(Revision(0), std::min(call.deadline, clock_.Steady() + kRevisionWait), std::move(pass));
}

void ReadGate::CatchUpTo(Revision at_least, base::Instant deadline, Pass pass) {
  core_.Post([this, at_least, deadline, pass = std::move(pass)]() mutable {
    catch_up_.Run(deadline, [this, at_least, deadline,
                             pass = std::move(pass)](absl::StatusOr<Revision> known) mutable {
      if (!known.ok()) return pass(known.status());
      replica_.WhenApplied(at_least, deadline, std::move(pass));
    });
  });
}

}  // namespace rollcall::rpc
