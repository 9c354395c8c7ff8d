// Evictions: ends the sessions whose deadline has passed, through the brakes of the services and
// zones they hold instances in.
//
// Everything due is judged together once per tick; a session goes only if no brake holds any of its
// instances, else it stays SUSPECT and is judged again with the next batch, at least each kRejudge.
// Those that go are submitted one after another, each if it is still due then. From the moment an
// eviction is submitted the session's heartbeats are not acknowledged. If it could not be decided
// (UNAVAILABLE) it is withdrawn, and the session has its full TTL again.
//
// Belongs to the health executor.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/health/accounted_clock.h"
#include "server/health/health_events.h"
#include "server/health/policy/eviction_brake.h"
#include "server/health/session_book.h"
#include "server/health/session_edges.h"
#include "server/health/verdicts.h"

namespace rollcall::health {

class Evictions {
 public:
  static constexpr absl::Duration kRejudge = absl::Milliseconds(500);
  // Submitted in one task, and undecided at a time: others need not wait for all that are due.
  static constexpr size_t kAtOnce = 512;
  static constexpr size_t kUnderWay = 1024;

  Evictions(base::Executor& executor, const base::Clock& wall, const AccountedClock& clock,
            SessionWriter& writer, const SessionFacts& facts, SessionBook& book, Verdicts& verdicts,
            HealthTally& tally, HealthEvents& events, OnEnded on_ended)
      : executor_(executor),
        wall_(wall),
        clock_(clock),
        writer_(writer),
        facts_(facts),
        book_(book),
        verdicts_(verdicts),
        tally_(tally),
        events_(events),
        on_ended_(std::move(on_ended)) {}

  // The deadline of a SUSPECT session has passed. Judged by the next JudgeAll.
  void Due(Session& session) { due_.push_back(session.number); }
  // Once per tick, after all of the tick's Due calls.
  void JudgeAll();
  // The instances that `session` holds have changed.
  void HeldChanged(Session& session);
  // To be called when a session of the book has ended with EXPIRED, before it is removed.
  void CountEvicted(const Session& session);

  // Lets the held evictions of a service go on, for `actor`; returns how many instances they
  // remove.
  uint32_t Release(const ServiceName& service, absl::string_view actor);
  std::vector<v1::BrakeInfo> Brakes() const;

 private:
  using Zone = std::pair<ServiceName, std::string>;
  struct Brake {
    EvictionBrake brake;
    absl::Time since;  // by the wall, for people
    BrakeRules rules;  // as they were judged last
  };
  using DueByZone = std::map<Zone, uint32_t>;

  std::vector<HeldInZone> ZonesOf(const Session& session) const;
  // Those that are still due, with what they hold.
  std::vector<Session*> Candidates();
  // One that is not is left to its timer.
  bool StillDue(Session& session);
  // Instances in each zone of sessions that are becoming suspect and whom the catalog does not yet
  // count.
  DueByZone BecomingSuspect() const;
  void JudgeZones(const std::vector<Session*>& candidates);
  void JudgeZone(const Zone& zone, uint32_t due, uint32_t becoming_suspect);
  void Tell(const Zone& zone, Brake& brake, EvictionBrake::Change change);
  bool Holds(const Session& session) const;
  // Of those that no brake holds, as many as may be; the rest later.
  void SubmitSome();
  void Submit(Session& session);
  void Done(uint64_t number, const absl::StatusOr<Revision>& outcome);
  v1::BrakeInfo InfoOf(const Zone& zone, const Brake& brake) const;

  base::Executor& executor_;
  const base::Clock& wall_;
  const AccountedClock& clock_;
  SessionWriter& writer_;
  const SessionFacts& facts_;
  SessionBook& book_;
  Verdicts& verdicts_;
  HealthTally& tally_;
  HealthEvents& events_;
  const OnEnded on_ended_;

  std::vector<uint64_t> due_;
  std::vector<uint64_t> held_;
  std::deque<uint64_t> going_;
  size_t under_way_ = 0;
  bool submitting_ = false;  // a task for it is posted
  base::Instant rejudge_at_;
  std::map<Zone, Brake> brakes_;  // only those that remember something
  base::Lifeline lifeline_;
};

}  // namespace rollcall::health
