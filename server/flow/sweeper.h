// Sweeper: what has to happen when time has passed: overrides end, orphans go, old tombstones are
// forgotten.
//
// Tombstones are kept for the resume window, so that a watcher that was away that long hears of
// removals instead of starting afresh. The purge horizon is raised, and committed, before the first
// of them goes. The window is measured on the steady clock by samples of (time, applied revision);
// after a restart it begins anew, so nothing is forgotten early. Overrides end by the wall clock,
// for their end was given as a time of day.
//
// In a cluster one node does it, the one that holds the office; any other only keeps its samples,
// so that it can go on at once when it takes the office, and forgets nothing early.
//
// Lives on the core executor.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/catalog/catalog.h"
#include "server/committer/committer.h"
#include "server/flow/session_closer.h"

namespace rollcall::flow {

class Sweeper {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    absl::Duration resume_window = absl::Minutes(10);
    // Tombstones purged in one sweep, at most.
    size_t purge_step = 5000;
    std::string actor;
  };

  Sweeper(committer::Committer& committer, const catalog::Catalog& catalog, SessionCloser& closer,
          base::Executor& core, const base::Clock& clock, Options options);

  // Sweeps now and then every interval, while active.
  void Start();
  // Whether this node does it; it does at first.
  void SetActive(bool active);

 private:
  void Sweep();
  void ExpireOverrides();
  void SweepOrphans();
  void PurgeTombstones(Revision old);
  // Takes a sample. The newest revision that was applied a resume window ago; 0 if that is not
  // known.
  Revision OldEnough();

  committer::Committer& committer_;
  const catalog::Catalog& catalog_;
  SessionCloser& closer_;
  base::Executor& core_;
  const base::Clock& clock_;
  const Options options_;
  std::deque<std::pair<base::Instant, Revision>> samples_;
  base::Instant next_orphan_sweep_;
  bool active_ = true;
  bool purging_ = false;
};

}  // namespace rollcall::flow
