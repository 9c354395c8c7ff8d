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
  silent_.push_back({std::move(binding), clock_.Steady() + kOpenWithin});
}

void Openings::EndSilent() {
  using Phase = StreamBinding::Phase;
  while (!silent_.empty()) {
    const Silent& oldest = silent_.front();
    const bool silent = oldest.binding->phase() == Phase::kSilent;
    if (silent && clock_.Steady() < oldest.until) return;
    if (silent) {
      oldest.binding->Close(absl::DeadlineExceededError("open: it did not come in time"));
    }
    silent_.pop_front();
  }
}

void Openings::Open(Binding binding, OpenMessage open) {
  if (binding->phase() != StreamBinding::Phase::kSilent) return;
  binding->Opening();
  if (refusal_) return binding->Close(*refusal_);
  const absl::Status waits = Try(binding, open);
  if (waits.ok()) return;
  if (!HasRoom(nullptr)) {
    return binding->Close(absl::ResourceExhaustedError("too many streams wait on this node"));
  }
  waiting_.push_back({std::move(binding), std::move(open), clock_.Steady() + kRevisionWait});
}

void Openings::RetryWaiting() {
  EndSilent();
  std::vector<Waiting> waiting = std::exchange(waiting_, {});
  for (Waiting& w : waiting) {
    if (w.binding->phase() == StreamBinding::Phase::kClosed) continue;
    const absl::Status waits = refusal_ ? *refusal_ : Try(w.binding, w.open);
    if (waits.ok()) continue;
    if (refusal_ || w.until <= clock_.Steady()) {
      w.binding->Close(waits);
    } else {
      waiting_.push_back(std::move(w));
    }
  }
}

absl::Status Openings::Try(const Binding& binding, const OpenMessage& open) {
  const SessionId id(open.session_id());
  if (id == node_.id()) {
    if (open.session_secret() == node_.secret()) {
      node_.Bind(binding, accounted_);
    } else {
      binding->Close(WrongSecret(id));
    }
    return absl::OkStatus();
  }
  // A revision of another store says nothing about this one.
  const bool same_store = open.store_id().empty() || open.store_id() == facts_.store_id().value();
  if (same_store && Revision(open.revision()) > facts_.applied()) {
    return absl::UnavailableError(absl::StrCat("open.revision: this node has applied revision ",
                                               facts_.applied().value(), ", not yet ",
                                               open.revision()));
  }
  const std::optional<SessionFact> fact = facts_.Find(id);
  if (!fact && !accounted_.running()) {
    return absl::UnavailableError("the session is not known here and the store cannot be asked");
  }
  if (!fact) {
    SendEnded(*binding, v1::CAUSE_SESSION_UNKNOWN);
  } else if (!command::SecretMatches(open.session_secret(), fact->secret_hash)) {
    binding->Close(WrongSecret(id));
  } else if (fact->state == internal::v1::SESSION_STATE_ENDED) {
    SendEnded(*binding, fact->ended_cause);
  } else {
    return TrySession(binding, id, *fact);
  }
  return absl::OkStatus();
}

absl::Status Openings::TrySession(const Binding& binding, const SessionId& id,
                                  const SessionFact& fact) {
  Session* session = book_.Find(id);
  if (session != nullptr && session->doing == Verdict::kEvict) {
    return absl::UnavailableError("the session's eviction is being decided");
  }
  if (!HasRoom(session)) {
    binding->Close(absl::ResourceExhaustedError(
        absl::StrCat("this node serves ", max_streams_, " session streams and no more")));
    return absl::OkStatus();
  }
  Bind(binding, session != nullptr ? *session : book_.Add(id, fact, accounted_.now()));
  return absl::OkStatus();
}

void Openings::Bind(const Binding& binding, Session& session) {
  if (session.stream != nullptr) {
    session.stream->Close(absl::AbortedError("replaced by a newer stream"));
  }
  session.reprieved_until.reset();
  session.stream_end.clear();
  session.cell->Opened(accounted_.Read());
  binding->Bind(session.number, session.cell);
  book_.SetStream(session, binding);

  v1::KeepAliveResponse response;
  v1::KeepAliveResponse::Opened& opened = *response.mutable_opened();
  *opened.mutable_ttl() = ToProto(session.ttl);
  *opened.mutable_beat_interval() = ToProto(session.ttl / 3);
  AppendHeld(facts_, session.id, opened);
  if (const ServerNames servers = servers_ ? servers_() : nullptr) {
    opened.mutable_servers()->Assign(servers->begin(), servers->end());
  }
  binding->stream().Send(std::move(response));

  const bool becoming_suspect =
      session.doing == Verdict::kSuspectBroken || session.doing == Verdict::kSuspectOverdue;
  if (session.Suspected() || becoming_suspect) {
    verdicts_.Want(session, Verdict::kRenew);
  } else {
    book_.Rearm(session);
  }
}

bool Openings::HasRoom(const Session* session) const {
  // One that takes the place of its predecessor needs none.
  if (session != nullptr && session->stream != nullptr) return true;
  return tally_.connected + waiting_.size() < max_streams_;
}

}  // namespace rollcall::health
