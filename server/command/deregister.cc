#include "server/command/deregister.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/command/lost.h"
#include "server/command/secret.h"
#include "server/command/tombstone.h"
#include "server/model/keys.h"
#include "server/model/names.h"
#include "server/model/state_revision.h"

namespace rollcall::command {
namespace {

using internal::v1::SessionRecord;

// A transaction writes a key once.
std::vector<InstanceName> Once(std::vector<InstanceName> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool Ended(const Versioned<SessionRecord>& session) {
  return session->state() == internal::v1::SESSION_STATE_ENDED;
}

}  // namespace

Deregister::Deregister(std::optional<SessionProof> proof, std::vector<InstanceName> names,
                       bool whole_session, Reason reason)
    : proof_(std::move(proof)),
      names_(Once(std::move(names))),
      whole_session_(whole_session),
      reason_(std::move(reason)) {}

// What the transaction removes.
std::vector<InstanceName> Deregister::Names(const Facts& facts) const {
  return whole_session_ ? GoWithSession(facts, proof_->id) : names_;
}

std::vector<KeyUse> Deregister::Keys(const Facts& facts) const {
  std::vector<KeyUse> keys;
  if (proof_) keys.push_back({SessionKeyOf(proof_->id), whole_session_});
  for (const InstanceName& name : Names(facts)) keys.push_back({InstanceKeyOf(name), true});
  return keys;
}

absl::Status Deregister::Remove(const Facts& facts, const WriteContext& context,
                                const InstanceName& name, Change& change) const {
  const auto old = facts.Instance(name);
  if (!old.exists() || old->removed()) return absl::OkStatus();
  const bool is_static = old->session_id().empty();
  if (!is_static && (!proof_ || old->session_id() != proof_->id.value())) {
    if (proof_) return absl::OkStatus();  // A newer process holds it.
    return absl::PermissionDeniedError(absl::StrCat(
        Spoken(name), " belongs to a session; give its session_id and session_secret"));
  }
  change.Replace(InstanceKeyOf(name), old, Tombstone(old, MakeStamp(context, reason_)));
  return absl::OkStatus();
}

Decision Deregister::Decide(const Facts& facts, const WriteContext& context) {
  Change change;
  Versioned<SessionRecord> session;
  if (proof_) {
    session = facts.Session(proof_->id);
    if (!session.exists()) {
      return absl::NotFoundError(absl::StrCat("session \"", proof_->id.value(), "\" is not known"));
    }
    if (!SecretMatches(proof_->secret, session->secret_hash())) {
      return absl::PermissionDeniedError(
          absl::StrCat("session_secret is not that of session \"", proof_->id.value(), "\""));
    }
    if (!session->client_name().empty()) reason_.actor = session->client_name();
  }
  for (const InstanceName& name : Names(facts)) {
    if (absl::Status status = Remove(facts, context, name, change); !status.ok()) return status;
  }
  if (whole_session_ && !Ended(session)) {
    SessionRecord record = *session.record;
    ChangeState(record, internal::v1::SESSION_STATE_ENDED);
    *record.mutable_stamp() = MakeStamp(context, reason_);
    change.Replace(SessionKeyOf(proof_->id), session, record);
  } else if (proof_ && !change.puts.empty()) {
    change.guards.push_back({SessionKeyOf(proof_->id), session.revision});
  }
  if (change.puts.empty()) return Nothing{};
  return change;
}

std::vector<KeyUse> RemoveInstance::Keys(const Facts& facts) const {
  std::vector<KeyUse> keys = {{InstanceKeyOf(name_), true}};
  const auto old = facts.Instance(name_);
  if (old.exists() && !old->session_id().empty()) {
    keys.push_back({SessionKeyOf(SessionId(old->session_id())), true});
  }
  return keys;
}

Decision RemoveInstance::Decide(const Facts& facts, const WriteContext& context) {
  const auto old = facts.Instance(name_);
  if (!old.exists() || old->removed()) {
    return absl::NotFoundError(absl::StrCat(Spoken(name_), " is not registered"));
  }
  Change change;
  change.Replace(InstanceKeyOf(name_), old, Tombstone(old, MakeStamp(context, reason_)));
  const SessionId owner(old->session_id());
  const Versioned<SessionRecord> session = facts.Session(owner);
  if (session.exists() && !Ended(session)) {
    SessionRecord record = *session.record;
    AddLost(record, name_, LeaseEpoch(old->lease_epoch()));
    KeepState(session, record);
    record.mutable_stamp()->set_write_id(context.write_id);
    change.Replace(SessionKeyOf(owner), session, record);
  }
  return change;
}

}  // namespace rollcall::command
