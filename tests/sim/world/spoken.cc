#include "tests/sim/world/spoken.h"

#include "absl/strings/str_cat.h"
#include "server/model/standing.h"

namespace rollcall::sim {
namespace {

std::string Why(const internal::v1::Stamp& stamp) {
  return absl::StrCat(" (", std::string(CauseWord(stamp.cause())), " by ", stamp.actor(), ")");
}

std::string StateOf(const internal::v1::SessionRecord& session) {
  return internal::v1::SessionState_Name(session.state()).substr(14);
}

std::string SpokenSession(const TruthChange& change) {
  const auto& now = *change.session;
  const std::string who = absl::StrCat(now.client_name(), "\'s session");
  if (change.session_before == nullptr) return absl::StrCat(who, " begins at ", now.home());
  const auto& before = change.session_before->record;
  if (now.state() != before.state()) {
    return absl::StrCat(who, " is ", StateOf(now), Why(now.stamp()));
  }
  if (now.home() != before.home()) return absl::StrCat(who, " moves to ", now.home());
  return absl::StrCat(who, " is written, ", StateOf(now), ", ", now.lost_size(), " lost");
}

std::string SpokenInstance(const TruthChange& change) {
  const auto& now = *change.instance;
  const std::string who = absl::StrCat(now.spec().service(), "/", now.spec().id());
  if (now.removed()) return absl::StrCat(who, " is removed", Why(now.stamp()));
  return absl::StrCat(who, " stands, weight ", now.spec().has_weight() ? now.spec().weight() : 100,
                      Why(now.stamp()));
}

}  // namespace

std::string Spoken(const TruthChange& change) {
  if (change.purged) {
    if (change.session != nullptr) {
      return absl::StrCat(change.session->client_name(), "\'s session is forgotten");
    }
    return absl::StrCat(change.key, " is forgotten");
  }
  if (change.session != nullptr) return SpokenSession(change);
  if (change.instance != nullptr) return SpokenInstance(change);
  const auto& over = *change.over;
  return absl::StrCat(
      over.key().service(), "/", over.key().id(), over.removed() ? " is as its owner says" : " is ",
      over.removed() ? "" : v1::OverrideMode_Name(over.mode()).substr(14), Why(over.stamp()));
}

}  // namespace rollcall::sim
