#include "server/command/session_commands.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "server/command/tombstone.h"
#include "server/model/keys.h"
#include "server/model/names.h"
#include "server/model/state_revision.h"

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

absl::Status Unknown(const SessionId& id) {
  return absl::NotFoundError(absl::StrCat("session \"", id.value(), "\" is not known"));
}

bool HomedAt(const Versioned<SessionRecord>& session, const NodeId& node) {
  return session->home() == node.value();
}

// The record as it stands, written by us.
std::optional<Change> Rewritten(const SessionId& id, const Facts& facts,
                                const WriteContext& context) {
  const Versioned<SessionRecord> old = facts.Session(id);
  if (!old.exists()) return std::nullopt;
  SessionRecord record = *old.record;
  KeepState(old, record);
  record.mutable_stamp()->set_write_id(context.write_id);
  Change change;
  change.Replace(SessionKeyOf(id), old, record);
  return change;
}

}  // namespace

bool MoveSession::Judges() const {
  return to_ == internal::v1::SESSION_STATE_SUSPECT || to_ == internal::v1::SESSION_STATE_ENDED;
}

void MoveSession::Begin(const Facts& facts) {
  const Versioned<SessionRecord> session = facts.Session(id_);
  if (session.exists()) judged_ = {StateRevisionOf(session), session->home()};
}

std::optional<Change> MoveSession::Withdrawal(const Facts& facts,
                                              const WriteContext& context) const {
  if (!Judges()) return std::nullopt;
  return Rewritten(id_, facts, context);
}

std::optional<Change> MoveHome::Withdrawal(const Facts& facts, const WriteContext& context) const {
  return Rewritten(id_, facts, context);
}

std::vector<KeyUse> MoveSession::Keys(const Facts& facts) const {
  std::vector<KeyUse> keys = {{SessionKeyOf(id_), true}};
  const Versioned<SessionRecord> session = facts.Session(id_);
  if (session.exists() && !HomedAt(session, by_)) {
    keys.push_back({NodeKeyOf(NodeId(session->home())), false});
  }
  return keys;
}

Decision MoveSession::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<SessionRecord> old = facts.Session(id_);
  if (!old.exists()) return Unknown(id_);
  const bool over = old->state() == internal::v1::SESSION_STATE_ENDED;
  if (over && to_ == internal::v1::SESSION_STATE_ENDED) return Nothing{};
  const NodeId home(old->home());
  if (!over && home != by_ && facts.NodePresent(home)) {
    return absl::FailedPreconditionError(
        absl::StrCat("session \"", id_.value(), "\" has moved to node \"", home.value(), "\""));
  }
  if (old->state() == to_) return Nothing{};
  const bool same =
      !judged_ || (judged_->state == StateRevisionOf(old) && judged_->home == old->home());
  if (Judges() && !over && !same) {
    return absl::FailedPreconditionError(
        absl::StrCat("session \"", id_.value(), "\" is no longer as it was judged"));
  }
  if (!Possible(old->state(), to_)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session \"", id_.value(), "\" is ", internal::v1::SessionState_Name(old->state()),
        " and cannot become ", internal::v1::SessionState_Name(to_)));
  }
  SessionRecord record = *old.record;
  ChangeState(record, to_);
  *record.mutable_stamp() = MakeStamp(context, reason_);
  Change change;
  change.Replace(SessionKeyOf(id_), old, record);
  if (home != by_ && !MUTANT(absence_unguarded)) {
    change.guards.push_back({NodeKeyOf(home), Revision(0)});
  }
  return change;
}

std::vector<KeyUse> MoveHome::Keys(const Facts&) const { return {{SessionKeyOf(id_), true}}; }

Decision MoveHome::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<SessionRecord> old = facts.Session(id_);
  if (!old.exists()) return Unknown(id_);
  if (old->state() == internal::v1::SESSION_STATE_ENDED) {
    return absl::FailedPreconditionError(absl::StrCat("session \"", id_.value(), "\" has ended"));
  }
  const bool suspect = old->state() == internal::v1::SESSION_STATE_SUSPECT;
  if (HomedAt(old, to_) && !suspect) return Nothing{};
  SessionRecord record = *old.record;
  record.set_home(to_.value());
  if (suspect) {
    ChangeState(record, internal::v1::SESSION_STATE_LIVE);
    *record.mutable_stamp() = MakeStamp(context, {v1::CAUSE_RENEWED, to_.value(), evidence_});
  } else {
    KeepState(old, record);
    // The stamp still tells of the last change of state; the write id tells our write.
    record.mutable_stamp()->set_write_id(context.write_id);
  }
  Change change;
  change.Replace(SessionKeyOf(id_), old, record);
  return change;
}

std::vector<KeyUse> EndSession::Keys(const Facts& facts) const {
  std::vector<KeyUse> keys = move_.Keys(facts);
  for (const InstanceName& name : GoWithSession(facts, id_)) {
    keys.push_back({InstanceKeyOf(name), true});
  }
  return keys;
}

Decision EndSession::Decide(const Facts& facts, const WriteContext& context) {
  Decision decision = move_.Decide(facts, context);
  auto* change = std::get_if<Change>(&decision);
  if (change == nullptr) return decision;
  const internal::v1::Stamp stamp = MakeStamp(context, reason_);
  for (const InstanceName& name : GoWithSession(facts, id_)) {
    const auto old = facts.Instance(name);
    change->Replace(InstanceKeyOf(name), old, Tombstone(old, stamp));
  }
  return decision;
}

std::vector<KeyUse> RemoveOrphans::Keys(const Facts&) const {
  std::vector<KeyUse> keys = {{SessionKeyOf(session_), false}};
  for (const InstanceName& name : names_) keys.push_back({InstanceKeyOf(name), true});
  return keys;
}

Decision RemoveOrphans::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<SessionRecord> session = facts.Session(session_);
  const bool ended = !session.exists() || session->state() == internal::v1::SESSION_STATE_ENDED;
  Reason reason{v1::CAUSE_EXPIRED, "", "its session is gone"};
  if (session.exists()) {
    const internal::v1::Stamp& stamp = session->stamp();
    reason = {stamp.cause(), stamp.actor(), stamp.evidence()};
  }
  const internal::v1::Stamp stamp = MakeStamp(context, reason);
  Change change;
  for (const InstanceName& name : names_) {
    const auto old = facts.Instance(name);
    if (!old.exists() || old->removed() || old->session_id() != session_.value()) continue;
    if (!ended) {
      return absl::FailedPreconditionError(
          absl::StrCat("session \"", session_.value(), "\" has not ended"));
    }
    change.Replace(InstanceKeyOf(name), old, Tombstone(old, stamp));
  }
  if (change.puts.empty()) return Nothing{};
  change.guards.push_back({SessionKeyOf(session_), session.revision});
  return change;
}

}  // namespace rollcall::command
