#include "server/health/suspicion_collector.h"

namespace rollcall::health {

void SuspicionCollector::Broke(const Session& session, const std::string& peer) {
  mass_break_.Add(clock_.Steady(), session.number, peer);
  gathered_.push_back(session.number);
  if (gathered_.size() == 1) {
    executor_.PostAt(clock_.Steady() + kGather, lifeline_.Guard([this] { Judge(); }));
  }
}

void SuspicionCollector::Judge() {
  const std::vector<uint64_t> gathered = std::exchange(gathered_, {});
  const bool suppress = mass_break_.Suppresses(clock_.Steady(), tally_.connected);
  size_t suppressed = 0;
  for (const uint64_t number : gathered) {
    Session* session = StillBroken(number);
    if (session == nullptr) continue;
    if (!suppress) {
      verdicts_.Want(*session, Verdict::kSuspectBroken);
      continue;
    }
    session->reprieved_until = accounted_.now() + session->ttl / 3;
    book_.Rearm(*session);
    ++suppressed;
  }
  tally_.suppressed_total += suppressed;
  if (suppressed > 0) events_.BreaksSuppressed(suppressed);
}

Session* SuspicionCollector::StillBroken(uint64_t number) {
  Session* session = book_.Find(number);
  return session != nullptr && session->broken && !session->Suspected() ? session : nullptr;
}

}  // namespace rollcall::health
