#include "server/command/register.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/command/lost.h"
#include "server/command/secret.h"
#include "server/model/keys.h"
#include "server/model/limits.h"
#include "server/model/names.h"
#include "server/model/standing.h"
#include "server/model/state_revision.h"
#include "server/model/times.h"

namespace rollcall::command {
namespace {

using internal::v1::InstanceRecord;
using internal::v1::SessionRecord;

bool IsEphemeral(const v1::InstanceSpec& spec) { return spec.lifetime() != v1::LIFETIME_STATIC; }

// The session that holds an instance now, if it is one other than `own`.
std::optional<SessionId> OtherOwner(const Versioned<InstanceRecord>& old, const SessionId& own) {
  if (!old.exists() || old->removed() || old->session_id().empty()) return std::nullopt;
  if (old->session_id() == own.value()) return std::nullopt;
  return SessionId(old->session_id());
}

// The same bytes for the same content.
std::string CanonicalBytes(const v1::InstanceSpec& spec) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  spec.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

// As protobuf's MessageDifferencer says, which takes some ten times as long.
bool Equal(const v1::InstanceSpec& a, const v1::InstanceSpec& b) {
  return a.ByteSizeLong() == b.ByteSizeLong() && CanonicalBytes(a) == CanonicalBytes(b);
}

}  // namespace

Register::Register(std::optional<SessionClaim> claim, std::vector<v1::InstanceSpec> specs,
                   std::string actor)
    : claim_(std::move(claim)),
      specs_(std::move(specs)),
      actor_(std::move(actor)),
      lease_epochs_(specs_.size()) {}

std::vector<KeyUse> Register::Keys(const Facts& facts) const {
  std::vector<KeyUse> keys;
  const SessionId own = claim_ ? claim_->id : SessionId();
  if (claim_) {
    const bool opens = claim_->open_ttl && !facts.Session(claim_->id).exists();
    keys.push_back({SessionKeyOf(claim_->id), opens});
  }
  std::set<SessionId> owners;
  for (const v1::InstanceSpec& spec : specs_) {
    const InstanceName name = NameOf(spec);
    keys.push_back({InstanceKeyOf(name), true});
    if (const auto owner = OtherOwner(facts.Instance(name), own)) owners.insert(*owner);
  }
  for (const SessionId& owner : owners) keys.push_back({SessionKeyOf(owner), true});
  return keys;
}

absl::Status Register::CheckSession(const Versioned<SessionRecord>& session) const {
  if (!session.exists()) {
    if (claim_->open_ttl) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("session \"", claim_->id.value(),
                                            "\" is not known here; register with open=true"));
  }
  if (!SecretMatches(claim_->secret, session->secret_hash())) {
    return absl::PermissionDeniedError(
        absl::StrCat("session_secret is not that of session \"", claim_->id.value(), "\""));
  }
  if (session->state() == internal::v1::SESSION_STATE_ENDED && !MUTANT(ended_sessions_register)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "session \"", claim_->id.value(), "\" has ended (",
        std::string(CauseWord(session->stamp().cause())), "); open a new one with another id"));
  }
  return absl::OkStatus();
}

absl::Status Register::CheckRoom(const Facts& facts) const {
  if (!claim_) return absl::OkStatus();
  const size_t holds = facts.InstanceCountOf(claim_->id);
  if (holds + specs_.size() <= kMaxInstancesPerSession) return absl::OkStatus();
  // Only what it does not hold yet takes room.
  std::set<InstanceName> more;
  for (const v1::InstanceSpec& spec : specs_) {
    if (!IsEphemeral(spec)) continue;
    const InstanceName name = NameOf(spec);
    const Versioned<InstanceRecord> old = facts.Instance(name);
    const bool held = old.exists() && !old->removed() && old->session_id() == claim_->id.value();
    if (!held) more.insert(name);
  }
  const size_t all = holds + more.size();
  if (more.empty() || all <= kMaxInstancesPerSession) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("session \"", claim_->id.value(), "\" would hold ", all,
                   " instances; the limit is ", kMaxInstancesPerSession));
}

bool Register::Same(const Wanted& wanted) const {
  const Versioned<InstanceRecord>& old = wanted.old;
  if (!old.exists() || old->removed() || old.damaged) return false;
  const std::string owner = IsEphemeral(wanted.spec) ? claim_->id.value() : std::string();
  return old->session_id() == owner && Equal(old->spec(), wanted.spec);
}

// Never repeats, even after a purge: every epoch given so far is at most the base and the applied
// revision + 1 of its time, and that revision has passed since. What stands is asked too, so that
// no record, wherever it came from, is ever fenced off by a smaller number.
LeaseEpoch Register::NextEpoch(const Facts& facts, const Versioned<InstanceRecord>& old) {
  const Versioned<internal::v1::HorizonRecord> horizon = facts.Horizon();
  const uint64_t base = horizon.exists() ? horizon->lease_epoch_base() : 0;
  const uint64_t stands = old.exists() ? old->lease_epoch() : 0;
  if (MUTANT(epoch_not_raised)) return LeaseEpoch(std::max<uint64_t>(stands, 1));
  return LeaseEpoch(std::max(base + facts.applied().value(), stands) + 1);
}

void Register::NoteLoss(const Facts& facts, const SessionId& loser, const InstanceName& name,
                        LeaseEpoch epoch, std::vector<Touched>& losers) {
  auto at = std::find_if(losers.begin(), losers.end(), [&](const Touched& touched) {
    return touched.record.id() == loser.value();
  });
  if (at == losers.end()) {
    Versioned<SessionRecord> old = facts.Session(loser);
    // An ended session can register nothing, so there is nothing to remember.
    if (!old.exists() || old->state() == internal::v1::SESSION_STATE_ENDED) return;
    SessionRecord record = *old.record;
    losers.push_back({std::move(old), std::move(record)});
    at = losers.end() - 1;
  }
  if (!MUTANT(loss_forgotten)) AddLost(at->record, name, epoch);
}

void Register::PutInstance(const Facts& facts, const WriteContext& context, Wanted& wanted,
                           LeaseEpoch epoch, Change& change, std::vector<Touched>& losers) const {
  const Versioned<InstanceRecord>& old = wanted.old;
  const bool live = old.exists() && !old->removed();
  // Whose word this is: a session may also make static what it holds, and loses nothing by that.
  const SessionId own = claim_ ? claim_->id : SessionId();
  InstanceRecord record;
  if (IsEphemeral(wanted.spec)) record.set_session_id(own.value());
  record.set_lease_epoch(epoch.value());
  Reason reason{v1::CAUSE_REGISTERED, actor_, ""};
  if (live && (old->session_id() == own.value() || old->session_id() == record.session_id())) {
    reason.cause = v1::CAUSE_UPDATED;
    record.set_create_revision(old->create_revision());
  } else if (const auto owner = OtherOwner(old, own)) {
    reason.cause = v1::CAUSE_SUPERSEDED;
    reason.evidence = absl::StrCat("a newer process took over from session ", owner->value());
    NoteLoss(facts, *owner, wanted.name, epoch, losers);
  }
  *record.mutable_stamp() = MakeStamp(context, reason);
  // Lent for the encoding: a copy, made and destroyed, took 2 % of a registration.
  record.unsafe_arena_set_allocated_spec(&wanted.spec);
  change.Replace(InstanceKeyOf(wanted.name), old, record);
  record.unsafe_arena_release_spec();
}

Decision Register::Decide(const Facts& facts, const WriteContext& context) {
  Change change;
  Versioned<SessionRecord> session;
  if (claim_) {
    session = facts.Session(claim_->id);
    if (absl::Status status = CheckSession(session); !status.ok()) return status;
    if (absl::Status status = CheckRoom(facts); !status.ok()) return status;
    ttl_ = session.exists() ? FromProto(session->ttl()) : *claim_->open_ttl;
  }
  std::vector<Touched> losers;
  for (size_t i = 0; i < specs_.size(); ++i) {
    Wanted wanted{specs_[i], NameOf(specs_[i]), {}};
    if (session.exists() && IsEphemeral(wanted.spec) && IsLost(*session.record, wanted.name)) {
      return absl::FailedPreconditionError(absl::StrCat(
          Spoken(wanted.name), ": another process or an operator took it from session \"",
          claim_->id.value(), "\"; a new process may register it in a session of its own"));
    }
    wanted.old = facts.Instance(wanted.name);
    if (Same(wanted)) {
      lease_epochs_[i] = LeaseEpoch(wanted.old->lease_epoch());
      continue;
    }
    lease_epochs_[i] = NextEpoch(facts, wanted.old);
    PutInstance(facts, context, wanted, lease_epochs_[i], change, losers);
  }
  for (Touched& loser : losers) {
    // Stamp and state revision still tell of the session's last change of state, so what is left to
    // it does not change; the write id tells our write.
    KeepState(loser.old, loser.record);
    loser.record.mutable_stamp()->set_write_id(context.write_id);
    change.Replace(SessionKeyOf(SessionId(loser.record.id())), loser.old, loser.record);
  }
  if (claim_ && !session.exists()) {
    SessionRecord record;
    record.set_id(claim_->id.value());
    record.set_secret_hash(HashSecret(claim_->secret));
    *record.mutable_ttl() = ToProto(*claim_->open_ttl);
    record.set_home(claim_->home);
    record.set_state(internal::v1::SESSION_STATE_LIVE);
    record.set_client_name(claim_->client_name);
    *record.mutable_stamp() = MakeStamp(context, {v1::CAUSE_REGISTERED, actor_, ""});
    change.Replace(SessionKeyOf(claim_->id), session, record);
  } else if (claim_ && !change.puts.empty()) {
    change.guards.push_back({SessionKeyOf(claim_->id), session.revision});
  }
  if (change.puts.empty()) return Nothing{};
  return change;
}

}  // namespace rollcall::command
