#include "server/health/session_book.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/check.h"
#include "client-sdk/base/mutant.h"

namespace rollcall::health {

Session& SessionBook::Add(const SessionId& id, const SessionFact& fact, base::Instant now) {
  return Insert(id, fact, now, false);
}

Session& SessionBook::Adopt(const SessionId& id, const SessionFact& fact, base::Instant now) {
  return Insert(id, fact, now, true);
}

Session& SessionBook::Insert(const SessionId& id, const SessionFact& fact, base::Instant now,
                             bool orphan) {
  const uint64_t number = next_number_++;
  const bool is_new = by_id_.emplace(id, number).second;
  ROLLCALL_CHECK(is_new, "a session is in the book once");
  auto session = std::make_unique<Session>();
  session->number = number;
  session->id = id;
  session->home = fact.home;
  session->orphan = orphan;
  session->ttl = fact.ttl;
  session->cell = std::make_shared<BeatCell>(fact.ttl);
  session->granted = now;
  Session& added = *session;
  by_number_.emplace(number, std::move(session));
  ++CountOf(added);
  SetState(added, fact.state);
  added.SyncBeatMode();
  Rearm(added);
  return added;
}

void SessionBook::Remove(Session& session) {
  SetState(session, internal::v1::SESSION_STATE_ENDED);
  SetStream(session, nullptr);
  wheel_.Cancel(session.number);
  --CountOf(session);
  by_id_.erase(session.id);
  by_number_.erase(session.number);
}

void SessionBook::BringHome(Session& session, const NodeId& home, base::Instant now) {
  --CountOf(session);
  session.home = home;
  session.orphan = false;
  session.granted = now;
  session.held_since.reset();
  session.braked_in.clear();
  ++CountOf(session);
}

Session* SessionBook::Find(uint64_t number) {
  const auto at = by_number_.find(number);
  return at == by_number_.end() ? nullptr : at->second.get();
}

Session* SessionBook::Find(const SessionId& id) {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : Find(at->second);
}

void SessionBook::SetState(Session& session, SessionState state) {
  const bool was_suspect = session.Suspected();
  session.state = state;
  if (session.Suspected() && !was_suspect) ++tally_.suspect;
  if (!session.Suspected() && was_suspect) --tally_.suspect;
}

void SessionBook::SetTtl(Session& session, absl::Duration ttl) {
  if (session.ttl == ttl) return;
  session.ttl = ttl;
  session.cell->set_ttl(ttl);
  Rearm(session);
}

void SessionBook::SetStream(Session& session, Binding stream) {
  if (stream != nullptr && session.stream == nullptr) ++tally_.connected;
  if (stream == nullptr && session.stream != nullptr) --tally_.connected;
  if (stream != nullptr) session.broken = false;
  session.stream = std::move(stream);
}

base::Instant SessionBook::LastSign(const Session& session) const {
  const base::Instant granted = std::max(session.granted, granted_to_all_);
  const base::Instant last = std::max(granted, session.cell->last_beat().value_or(granted));
  return MUTANT(deadline_a_tick_early) ? last - tick_ : last;
}

base::Instant SessionBook::OverdueAt(const Session& session) const {
  return LastSign(session) + session.ttl * (session.orphan ? 1 : 2) / 3 + tick_;
}

void SessionBook::Rearm(Session& session) {
  if (session.Suspected()) return ArmAt(session, Deadline(session));
  const base::Instant overdue = OverdueAt(session);
  ArmAt(session, std::min(overdue, session.reprieved_until.value_or(overdue)));
}

std::vector<uint64_t> SessionBook::TakeDue(base::Instant now) {
  std::vector<uint64_t> due;
  wheel_.Advance(now, due);
  return due;
}

}  // namespace rollcall::health
