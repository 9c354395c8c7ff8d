// Homes: which sessions are this node's to judge.
//
// Those that are at home here; and, while this node sweeps, the orphans: those whose home is not
// present. An orphan's time begins when this node sees the home go, when it takes the office, when
// it has caught up after it missed what happened, and again when the store comes back
// (SessionBook::GrantAll). Whoever opens a stream becomes the new home, and the orphan is none any
// more.
//
// Belongs to the health executor.
#pragma once

#include <utility>

#include "server/health/accounted_clock.h"
#include "server/health/session_book.h"
#include "server/health/session_facts.h"

namespace rollcall::health {

class Homes {
 public:
  enum class Place : uint8_t { kHere, kOrphan, kElsewhere };

  Homes(NodeId self, bool sweeping, const AccountedClock& clock, const SessionFacts& facts,
        SessionBook& book)
      : self_(std::move(self)), clock_(clock), facts_(facts), book_(book), sweeping_(sweeping) {}

  const NodeId& self() const { return self_; }
  bool Here(const NodeId& home) const { return home == self_; }
  Place PlaceOf(const NodeId& home) const {
    if (Here(home)) return Place::kHere;
    return Adopts() && !facts_.NodePresent(home) ? Place::kOrphan : Place::kElsewhere;
  }

  // Takes every session of the catalog that is this node's to judge, at `now`; before that nothing
  // is taken.
  void Start(base::Instant now);
  void SetSweeping(bool sweeping) { Become(sweeping, ready_); }
  // While this node has yet to catch up with the store (not so at first), nobody is an orphan: he
  // may have found another node, or his home may have come back, and it would not be known here.
  void SetReady(bool ready) { Become(sweeping_, ready); }
  // The facts say so already.
  void OnNodePresenceChanged(const NodeId& node, bool present);

  // One that is not in the book: puts it there if it is this node's to judge.
  void Take(const SessionId& id, const SessionFact& fact, base::Instant now);

 private:
  bool Adopts() const { return sweeping_ && ready_; }
  void Become(bool sweeping, bool ready);
  template <typename Ids>
  void TakeAll(const Ids& ids);
  template <typename Which>
  void DropOrphans(Which which);

  const NodeId self_;
  const AccountedClock& clock_;
  const SessionFacts& facts_;
  SessionBook& book_;
  bool sweeping_;
  bool ready_ = true;
  bool started_ = false;
};

}  // namespace rollcall::health
