#include "server/health/homes.h"

#include <vector>

namespace rollcall::health {

void Homes::Start(base::Instant now) {
  started_ = true;
  for (const SessionId& id : facts_.Sessions()) {
    if (book_.Find(id) != nullptr) continue;
    if (const auto fact = facts_.Find(id)) Take(id, *fact, now);
  }
}

void Homes::Take(const SessionId& id, const SessionFact& fact, base::Instant now) {
  if (!started_) return;
  switch (PlaceOf(fact.home)) {
    case Place::kHere:
      book_.Add(id, fact, now);
      return;
    case Place::kOrphan:
      book_.Adopt(id, fact, now);
      return;
    case Place::kElsewhere:
      return;
  }
}

template <typename Ids>
void Homes::TakeAll(const Ids& ids) {
  const base::Instant now = clock_.Read().accounted;
  for (const SessionId& id : ids) {
    if (book_.Find(id) != nullptr) continue;
    if (const auto fact = facts_.Find(id)) Take(id, *fact, now);
  }
}

// What is being committed about them is guarded on the home's absence, and nobody waits for it.
template <typename Which>
void Homes::DropOrphans(Which which) {
  std::vector<Session*> dropped;
  book_.ForEach([&](Session& session) {
    if (session.orphan && which(session)) dropped.push_back(&session);
  });
  for (Session* session : dropped) book_.Remove(*session);
}

void Homes::Become(bool sweeping, bool ready) {
  const bool adopted = Adopts();
  sweeping_ = sweeping;
  ready_ = ready;
  if (!started_ || Adopts() == adopted) return;
  if (Adopts()) {
    TakeAll(facts_.Sessions());
  } else {
    DropOrphans([](const Session&) { return true; });
  }
}

void Homes::OnNodePresenceChanged(const NodeId& node, bool present) {
  if (!started_ || !Adopts() || Here(node)) return;
  if (present) {
    DropOrphans([&](const Session& session) { return session.home == node; });
  } else {
    TakeAll(facts_.SessionsHomedAt(node));
  }
}

}  // namespace rollcall::health
