// SessionBook: the sessions that are this node's to judge, and when to look at each of them next.
//
// Heartbeats do not touch the wheel: a session comes back when it would be overdue if no heartbeat
// had come since it was armed, and is armed again from its last one. Belongs to the health
// executor; pointers to sessions hold until Remove.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/health/health_counters.h"
#include "server/health/session.h"
#include "server/health/wheel/timing_wheel.h"

namespace rollcall::health {

class SessionBook {
 public:
  SessionBook(base::Instant now, absl::Duration tick, HealthTally& tally)
      : tick_(tick), granted_to_all_(now), wheel_(now, tick), tally_(tally) {}

  // An orphan's client needs time to find another node; so it has this more than its TTL from when
  // its home was seen to go.
  static constexpr absl::Duration kOrphanGrace = absl::Seconds(10);

  // A session not yet in the book; it gets its full TTL from `now`.
  Session& Add(const SessionId& id, const SessionFact& fact, base::Instant now);
  // The same for an orphan: TTL/3 to be found by another node, and kOrphanGrace beyond the TTL.
  Session& Adopt(const SessionId& id, const SessionFact& fact, base::Instant now);
  // An orphan is at home here from now on, with its full TTL.
  void BringHome(Session& session, const NodeId& home, base::Instant now);
  void Remove(Session& session);
  Session* Find(uint64_t number);
  Session* Find(const SessionId& id);
  size_t size() const { return by_number_.size(); }
  // Calls visit(Session&) for each, in the order they came; it must not add or remove.
  template <typename F>
  void ForEach(F visit) {
    // Chance may be drawn and messages sent for each, and a hash table's order differs from run to
    // run.
    std::vector<Session*> sessions;
    sessions.reserve(by_number_.size());
    for (auto& [number, session] : by_number_) sessions.push_back(session.get());
    std::sort(sessions.begin(), sessions.end(),
              [](const Session* a, const Session* b) { return a->number < b->number; });
    for (Session* session : sessions) visit(*session);
  }

  void SetState(Session& session, SessionState state);
  void SetTtl(Session& session, absl::Duration ttl);
  void SetStream(Session& session, Binding stream);

  // From now on every session has its full TTL again.
  void GrantAll(base::Instant now) { granted_to_all_ = now; }

  // The last sign of life, or what was granted in its stead.
  base::Instant LastSign(const Session& session) const;
  // Suspect without a heartbeat by then: two thirds of the TTL and a tick; of an orphan: a third.
  base::Instant OverdueAt(const Session& session) const;
  // Evicted without a heartbeat by then.
  base::Instant Deadline(const Session& session) const {
    return LastSign(session) + session.ttl + (session.orphan ? kOrphanGrace : absl::ZeroDuration());
  }

  void ArmAt(Session& session, base::Instant when) { wheel_.Arm(session.number, when); }
  // Arms it for when its state next calls for a look.
  void Rearm(Session& session);
  // The sessions to look at now; they are no longer armed.
  std::vector<uint64_t> TakeDue(base::Instant now);

 private:
  Session& Insert(const SessionId& id, const SessionFact& fact, base::Instant now, bool orphan);
  std::atomic<uint64_t>& CountOf(const Session& session) {
    return session.orphan ? tally_.orphans : tally_.sessions;
  }

  const absl::Duration tick_;
  base::Instant granted_to_all_;
  uint64_t next_number_ = 1;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Session>> by_number_;
  absl::flat_hash_map<SessionId, uint64_t> by_id_;
  TimingWheel wheel_;
  HealthTally& tally_;
};

}  // namespace rollcall::health
