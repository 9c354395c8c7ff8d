#include "server/cluster/id_claim.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/model/keys.h"

namespace rollcall::cluster {

IdClaim::IdClaim(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
                 base::Random& random, const NodeId& id, std::string incarnation, Decided decided)
    : key_(absl::StrCat(kOfficePrefix, "node/", id.value())),
      decided_(std::move(decided)),
      office_(leases, executor, clock, random, key_, NodeId(std::move(incarnation)),
              [this](bool) { decided_(); }) {}

IdClaim::Verdict IdClaim::Against(absl::string_view incarnation) const {
  if (office_.held()) return Verdict::kOurs;
  return holder_ && *holder_ == incarnation ? Verdict::kTheirs : Verdict::kOpen;
}

void IdClaim::OnControl(absl::string_view key, Revision revision,
                        const std::optional<std::string>& value) {
  if (key != key_) return;
  holder_ = value;
  office_.OnControl(key, revision, value);
  decided_();
}

}  // namespace rollcall::cluster
