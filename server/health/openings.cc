#include "server/health/openings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/command/secret.h"
#include "server/model/limits.h"

namespace rollcall::health {
namespace {

google::protobuf::Duration ToProto(absl::Duration d) {
  return google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(d));
}

// Tells the client that its session is over, and ends its stream.
void SendEnded(StreamBinding& binding, v1::Cause cause) {
  v1::KeepAliveResponse response;
  response.mutable_ended()->set_cause(cause);
  binding.stream().Send(std::move(response));
  binding.Close(absl::OkStatus());
}

absl::Status WrongSecret(const SessionId& id) {
  return absl::PermissionDeniedError(
      absl::StrCat("open.session_secret: not the secret of session \"", id.value(), "\""));
}

absl::Status NotReady() {
  return absl::UnavailableError("this node has yet to catch up with the store");
}

}  // namespace

void Openings::Expect(Binding binding) {
  if (silent_.size() >= max_streams_) {
    std::erase_if(silent_, [](const Silent& s) {
      return s.binding->phase() != StreamBinding::Phase::kSilent;
    });
  }
  if (silent_.size() >= max_streams_) {
    return binding->Close(absl::ResourceExhaustedError("too many streams that did not open"));
  }
  silent_.push_back({std::move(binding), parts_.clock.Steady() + kOpenWithin});
}

void Openings::EndSilent() {
  using Phase = StreamBinding::Phase;
  while (!silent_.empty()) {
    const Silent& oldest = silent_.front();
    const bool silent = oldest.binding->phase() == Phase::kSilent;
    if (silent && parts_.clock.Steady() < oldest.until) return;
    if (silent) {
      oldest.binding->Close(absl::DeadlineExceededError("open: it did not come in time"));
    }
    silent_.pop_front();
  }
}

void Openings::Open(Binding binding, OpenMessage open) {
  if (binding->phase() != StreamBinding::Phase::kSilent) return;
  binding->Opening();
  const base::Instant until = parts_.clock.Steady() + kRevisionWait;
  Proceed({.binding = std::move(binding), .open = std::move(open), .until = until});
}

void Openings::Proceed(Waiting waiting) {
  const Binding binding = waiting.binding;
  if (binding->phase() == StreamBinding::Phase::kClosed) return;
  if (refusal_) return binding->Close(*refusal_);
  const Lacks lacks = Try(waiting);
  if (lacks == Lacks::kNothing) return;
  if (waiting.until <= parts_.clock.Steady()) return binding->Close(waiting.why);
  if (!HasRoom(nullptr)) {
    return binding->Close(absl::ResourceExhaustedError("too many streams wait on this node"));
  }
  if (lacks == Lacks::kTime) {
    waiting_.push_back(std::move(waiting));
  } else {
    Ask(std::move(waiting), lacks);
  }
}

void Openings::RetryWaiting() {
  EndSilent();
  EndAsked();
  for (Waiting& waiting : std::exchange(waiting_, {})) Proceed(std::move(waiting));
}

void Openings::EndAsked() {
  const base::Instant now = parts_.clock.Steady();
  std::erase_if(asked_, [&](const auto& asked) {
    const Waiting& waiting = asked.second;
    if (waiting.binding->phase() == StreamBinding::Phase::kClosed) return true;
    if (!refusal_ && now < waiting.until) return false;
    waiting.binding->Close(refusal_.value_or(waiting.why));
    return true;
  });
}

// Answers may come in any order: of two streams of one session the one bound last stays, and moves
// of one session are committed in the order in which they were asked for.
void Openings::Ask(Waiting waiting, Lacks what) {
  const SessionId id(waiting.open.session_id());
  const std::string peer = waiting.binding->stream().peer();
  const uint64_t ticket = ++last_ticket_;
  asked_.emplace(ticket, std::move(waiting));
  auto done = lifeline_.Guard([this, ticket, what](const absl::StatusOr<Revision>& outcome) {
    parts_.executor.Post(lifeline_.Guard(
        [this, ticket, what, status = outcome.status()] { Heard(ticket, what, status); }));
  });
  if (what == Lacks::kHome) {
    parts_.writer.MoveHome(id, absl::StrCat("it opened on this node from ", peer), std::move(done));
  } else {
    parts_.writer.Confirm(std::move(done));
  }
}

void Openings::Heard(uint64_t ticket, Lacks what, const absl::Status& status) {
  auto asked = asked_.extract(ticket);
  if (asked.empty()) return;  // Its time was over.
  Waiting& waiting = asked.mapped();
  waiting.confirmed |= what == Lacks::kCertainty && status.ok();
  // These say that the session is not what it was taken for; a new look tells what it is.
  const bool look_again = status.ok() || absl::IsFailedPrecondition(status) ||
                          absl::IsNotFound(status) || absl::IsAborted(status);
  if (look_again) return Proceed(std::move(waiting));
  waiting.binding->Close(absl::UnavailableError(
      absl::StrCat(std::string(waiting.why.message()), ": ", std::string(status.message()))));
}

Openings::Lacks Openings::Try(Waiting& waiting) {
  const OpenMessage& open = waiting.open;
  const SessionId id(open.session_id());
  if (id == parts_.node.id()) {
    if (open.session_secret() == parts_.node.secret()) {
      parts_.node.Bind(waiting.binding, parts_.accounted);
    } else {
      waiting.binding->Close(WrongSecret(id));
    }
    return Lacks::kNothing;
  }
  // A revision of another store says nothing about this one.
  const bool same_store =
      open.store_id().empty() || open.store_id() == parts_.facts.store_id().value();
  if (same_store && Revision(open.revision()) > parts_.facts.applied()) {
    waiting.why = absl::UnavailableError(
        absl::StrCat("open.revision: this node has applied revision ",
                     parts_.facts.applied().value(), ", not yet ", open.revision()));
    return Lacks::kTime;
  }
  const std::optional<SessionFact> fact = parts_.facts.Find(id);
  if (!fact) return TryUnknown(waiting);
  if (!command::SecretMatches(open.session_secret(), fact->secret_hash)) {
    waiting.binding->Close(WrongSecret(id));
    return Lacks::kNothing;
  }
  if (fact->state == internal::v1::SESSION_STATE_ENDED) {
    SendEnded(*waiting.binding, fact->ended_cause);
    return Lacks::kNothing;
  }
  return TrySession(waiting, id, *fact);
}

Openings::Lacks Openings::TryUnknown(Waiting& waiting) {
  if (!ready_) {
    waiting.binding->Close(NotReady());
    return Lacks::kNothing;
  }
  if (waiting.confirmed) {
    SendEnded(*waiting.binding, v1::CAUSE_SESSION_UNKNOWN);
    return Lacks::kNothing;
  }
  waiting.why =
      absl::UnavailableError("the session is not known here and the store cannot be asked");
  return parts_.accounted.running() ? Lacks::kCertainty : Lacks::kTime;
}

Openings::Lacks Openings::TrySession(Waiting& waiting, const SessionId& id,
                                     const SessionFact& fact) {
  Session* session = parts_.book.Find(id);
  if (session != nullptr && session->doing == Verdict::kEvict) {
    waiting.why = absl::UnavailableError("the session's eviction is being decided");
    return Lacks::kTime;
  }
  if (!HasRoom(session)) {
    waiting.binding->Close(absl::ResourceExhaustedError(
        absl::StrCat("this node serves ", max_streams_, " session streams and no more")));
    return Lacks::kNothing;
  }
  if (parts_.homes.Here(fact.home)) {
    Bind(waiting.binding,
         session != nullptr ? *session : parts_.book.Add(id, fact, parts_.accounted.now()));
    return Lacks::kNothing;
  }
  if (!ready_) {
    waiting.binding->Close(NotReady());
    return Lacks::kNothing;
  }
  if (!presence_confirmed_) {
    waiting.binding->Close(
        absl::UnavailableError("this node cannot confirm that it is part of the cluster"));
    return Lacks::kNothing;
  }
  waiting.why = absl::UnavailableError(absl::StrCat(
      "the session is at home on node \"", fact.home.value(), "\" and could not be moved here"));
  return parts_.accounted.running() ? Lacks::kHome : Lacks::kTime;
}

void Openings::Bind(const Binding& binding, Session& session) {
  if (session.stream != nullptr) {
    session.stream->Close(absl::AbortedError("replaced by a newer stream"));
  }
  session.reprieved_until.reset();
  session.stream_end.clear();
  session.cell->Opened(parts_.accounted.Read());
  binding->Bind(session.number, session.cell);
  parts_.book.SetStream(session, binding);

  v1::KeepAliveResponse response;
  v1::KeepAliveResponse::Opened& opened = *response.mutable_opened();
  *opened.mutable_ttl() = ToProto(session.ttl);
  *opened.mutable_beat_interval() = ToProto(session.ttl / 3);
  AppendHeld(parts_.facts, session.id, opened);
  if (const ServerNames servers = parts_.servers ? parts_.servers() : nullptr) {
    opened.mutable_servers()->Assign(servers->begin(), servers->end());
  }
  binding->stream().Send(std::move(response));

  const bool becoming_suspect =
      session.doing == Verdict::kSuspectBroken || session.doing == Verdict::kSuspectOverdue;
  if (session.Suspected() || becoming_suspect) {
    parts_.verdicts.Want(session, Verdict::kRenew);
  } else {
    parts_.book.Rearm(session);
  }
  parts_.on_bound(session);
}

bool Openings::HasRoom(const Session* session) const {
  // One that takes the place of its predecessor needs none.
  if (session != nullptr && session->stream != nullptr) return true;
  return parts_.tally.connected + waiting_.size() + asked_.size() < max_streams_;
}

}  // namespace rollcall::health
