// Verdicts: commits what was found out about sessions, one commit at a time for each.
//
// A verdict that no longer fits when its turn comes is dropped. One that could not be committed
// (UNAVAILABLE) is tried again after kRetry of accounted time, which stands still while the store
// is known to be away. Evictions are not its business: see evictions.h.
//
// Belongs to the health executor.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/container/flat_hash_set.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/health/accounted_clock.h"
#include "server/health/session_book.h"
#include "server/health/session_edges.h"

namespace rollcall::health {

// Called when a session is found to have ended; removes it.
using OnEnded = std::function<void(Session&, v1::Cause)>;

class Verdicts {
 public:
  static constexpr absl::Duration kRetry = absl::Seconds(1);

  Verdicts(base::Executor& executor, SessionWriter& writer, const SessionFacts& facts,
           const AccountedClock& clock, SessionBook& book, OnEnded on_ended)
      : executor_(executor),
        writer_(writer),
        facts_(facts),
        clock_(clock),
        book_(book),
        on_ended_(std::move(on_ended)) {}

  // Commits `verdict`, now or after the one under way.
  void Want(Session& session, Verdict verdict);
  // Tries again what is wanted.
  void Pursue(Session& session);
  // Takes over what the catalog says. False: the session has ended and is gone.
  bool Refresh(Session& session);

  // Sessions, by number, that are becoming suspect.
  const absl::flat_hash_set<uint64_t>& suspecting() const { return suspecting_; }

 private:
  bool Fits(const Session& session, Verdict verdict) const;
  SessionWriter::Done Report(uint64_t number, Verdict verdict);
  void Submit(Session& session, Verdict verdict);
  void Done(uint64_t number, Verdict verdict, const absl::StatusOr<Revision>& outcome);

  base::Executor& executor_;
  SessionWriter& writer_;
  const SessionFacts& facts_;
  const AccountedClock& clock_;
  SessionBook& book_;
  const OnEnded on_ended_;
  absl::flat_hash_set<uint64_t> suspecting_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::health
