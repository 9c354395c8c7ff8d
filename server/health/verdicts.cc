#include "server/health/verdicts.h"

#include <algorithm>
#include <utility>

#include "server/health/evidence.h"

namespace rollcall::health {
namespace {

bool Suspects(Verdict verdict) {
  return verdict == Verdict::kSuspectBroken || verdict == Verdict::kSuspectOverdue;
}

}  // namespace

void Verdicts::Want(Session& session, Verdict verdict) {
  if (Suspects(verdict)) session.judged = clock_.Read().accounted;
  session.want = verdict;
  Pursue(session);
}

void Verdicts::Pursue(Session& session) {
  if (session.doing != Verdict::kNone || session.want == Verdict::kNone) return;
  const Verdict verdict = std::exchange(session.want, Verdict::kNone);
  if (Fits(session, verdict)) {
    session.doing = verdict;
    session.SyncBeatMode();
    Submit(session, verdict);
  } else {
    session.SyncBeatMode();
    book_.Rearm(session);
  }
}

bool Verdicts::Refresh(Session& session) {
  const std::optional<SessionFact> fact = facts_.Find(session.id);
  if (!fact) {
    on_ended_(session, v1::CAUSE_SESSION_UNKNOWN);
    return false;
  }
  if (fact->state == internal::v1::SESSION_STATE_ENDED) {
    on_ended_(session, fact->ended_cause);
    return false;
  }
  book_.SetState(session, fact->state);
  book_.SetTtl(session, fact->ttl);
  session.SyncBeatMode();
  return true;
}

bool Verdicts::Fits(const Session& session, Verdict verdict) const {
  switch (verdict) {
    case Verdict::kSuspectBroken:
      return !session.Suspected() && session.broken;
    case Verdict::kSuspectOverdue:
      return !session.Suspected() && book_.OverdueAt(session) <= clock_.now();
    case Verdict::kRenew:
      return session.Suspected();
    case Verdict::kLeave:
      return session.state != internal::v1::SESSION_STATE_LEAVING;
    case Verdict::kEndLeft:
      return session.stream == nullptr;
    case Verdict::kNone:
    case Verdict::kEvict:
      return false;
  }
  return false;
}

SessionWriter::Done Verdicts::Report(uint64_t number, Verdict verdict) {
  return lifeline_.Guard([this, number, verdict](absl::StatusOr<Revision> outcome) {
    // In a task of its own, also when the writer answers at once: callers hold on to the session.
    executor_.Post(lifeline_.Guard(
        [this, number, verdict, outcome = std::move(outcome)] { Done(number, verdict, outcome); }));
  });
}

void Verdicts::Submit(Session& session, Verdict verdict) {
  const Sighting seen{clock_.Read().accounted, book_.LastSign(session)};
  switch (verdict) {
    case Verdict::kSuspectBroken:
      suspecting_.insert(session.number);
      return writer_.Suspect(session.id, v1::CAUSE_STREAM_BROKEN, BrokenEvidence(session, seen),
                             Report(session.number, verdict));
    case Verdict::kSuspectOverdue:
      suspecting_.insert(session.number);
      return writer_.Suspect(session.id, v1::CAUSE_BEAT_OVERDUE, OverdueEvidence(session, seen),
                             Report(session.number, verdict));
    case Verdict::kRenew:
      return writer_.Renew(session.id, RenewedEvidence(session), Report(session.number, verdict));
    case Verdict::kLeave:
      return writer_.Leave(session.id, "the client said that it stops",
                           Report(session.number, verdict));
    case Verdict::kEndLeft:
      return writer_.End(session.id, v1::CAUSE_DEREGISTERED, LeftEvidence(session),
                         Report(session.number, verdict));
    case Verdict::kNone:
    case Verdict::kEvict:
      return;
  }
}

void Verdicts::Done(uint64_t number, Verdict verdict, const absl::StatusOr<Revision>& outcome) {
  suspecting_.erase(number);
  Session* session = book_.Find(number);
  if (session == nullptr) return;
  session->doing = Verdict::kNone;
  if (verdict == Verdict::kEndLeft && outcome.ok()) {
    return on_ended_(*session, v1::CAUSE_DEREGISTERED);
  }
  if (!Refresh(*session)) return;
  if (Suspects(verdict) && outcome.ok() && session->orphan) {
    // What is left of its time runs from when all could know, however late that was.
    session->granted = std::max(session->granted, clock_.now() - session->ttl / 3);
  }
  if (!outcome.ok() && session->want == Verdict::kNone && absl::IsUnavailable(outcome.status()) &&
      verdict != Verdict::kRenew) {  // The next heartbeat renews.
    session->want = verdict;
  } else if (Suspects(verdict) && session->Suspected() && session->want == Verdict::kNone) {
    // A heartbeat that came while the commit was under way found nobody to tell. The mode was set
    // before this look: a later one tells.
    const std::optional<base::Instant> beat = session->cell->last_beat();
    if (beat && *beat > session->judged) session->want = Verdict::kRenew;
  } else if (verdict == Verdict::kRenew && outcome.ok() && session->stopping) {
    session->want = Verdict::kLeave;  // To be live again does not undo that it leaves.
  }
  if (!outcome.ok()) return book_.ArmAt(*session, clock_.now() + kRetry);
  book_.Rearm(*session);
  Pursue(*session);
}

}  // namespace rollcall::health
