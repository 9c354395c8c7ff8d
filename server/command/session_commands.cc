#include "server/command/session_commands.h"

#include "absl/strings/str_cat.h"
#include "server/command/tombstone.h"
#include "server/model/keys.h"
#include "server/model/names.h"

namespace rollcall::command {
namespace {

using internal::v1::SessionRecord;
using internal::v1::SessionState;

bool Possible(SessionState from, SessionState to) {
  switch (to) {
    case internal::v1::SESSION_STATE_LIVE:
      return from == internal::v1::SESSION_STATE_SUSPECT;
    case internal::v1::SESSION_STATE_SUSPECT:
      return from == internal::v1::SESSION_STATE_LIVE ||
             from == internal::v1::SESSION_STATE_LEAVING;
    case internal::v1::SESSION_STATE_LEAVING:
      return from == internal::v1::SESSION_STATE_LIVE ||
             from == internal::v1::SESSION_STATE_SUSPECT;
    case internal::v1::SESSION_STATE_ENDED:
      return from != internal::v1::SESSION_STATE_ENDED;
    default:
      return false;
  }
}

}  // namespace

std::vector<KeyUse> MoveSession::Keys(const Facts&) const { return {{SessionKeyOf(id_), true}}; }

Decision MoveSession::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<SessionRecord> old = facts.Session(id_);
  if (!old.exists()) {
    return absl::NotFoundError(absl::StrCat("session \"", id_.value(), "\" is not known"));
  }
  if (old->state() == to_) return Nothing{};
  if (!Possible(old->state(), to_)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session \"", id_.value(), "\" is ", internal::v1::SessionState_Name(old->state()),
        " and cannot become ", internal::v1::SessionState_Name(to_)));
  }
  SessionRecord record = *old.record;
  record.set_state(to_);
  *record.mutable_stamp() = MakeStamp(context, reason_);
  Change change;
  change.Replace(SessionKeyOf(id_), old, record);
  return change;
}

std::vector<KeyUse> RemoveOrphan::Keys(const Facts&) const {
  return {{InstanceKeyOf(name_), true}, {SessionKeyOf(session_), false}};
}

Decision RemoveOrphan::Decide(const Facts& facts, const WriteContext& context) {
  const auto old = facts.Instance(name_);
  if (!old.exists() || old->removed() || old->session_id() != session_.value()) return Nothing{};
  const Versioned<SessionRecord> session = facts.Session(session_);
  Reason reason{v1::CAUSE_EXPIRED, "", "its session is gone"};
  if (session.exists()) {
    if (session->state() != internal::v1::SESSION_STATE_ENDED) {
      return absl::FailedPreconditionError(
          absl::StrCat("session \"", session_.value(), "\" has not ended"));
    }
    const internal::v1::Stamp& stamp = session->stamp();
    reason = {stamp.cause(), stamp.actor(), stamp.evidence()};
  }
  Change change;
  change.guards.push_back({SessionKeyOf(session_), session.revision});
  change.Replace(InstanceKeyOf(name_), old, Tombstone(old, MakeStamp(context, reason)));
  return change;
}

}  // namespace rollcall::command
