// EvictionBrake: holds back the evictions of one service in one zone when too many would go at
// once, because that is more often a fault of the network or of a judge than of the instances.
//
// It stops removals, never the truth: what it holds stays SUSPECT. With
//   would_go = evicted within the window + due now + otherwise suspect
//   at_start = registered now + evicted within the window
// all that are due are held while would_go > more_than and would_go / at_start > share. It ends
// when the share falls, when it is switched off, when it is released, or after max_hold; the last
// two let evictions go on for one window.
//
// Pure: time (accounted time) is an argument. Thread-compatible.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall::health {

struct BrakeRules {
  bool enabled = true;
  double share = 0.4;
  uint32_t more_than = 3;
  absl::Duration window = absl::Seconds(60);
  absl::Duration max_hold = absl::Minutes(15);
};
// What is not set in `spec` is the default above.
BrakeRules BrakeRulesOf(const v1::EvictionBrake& spec);

class EvictionBrake {
 public:
  // Instances of the service and zone.
  struct Counts {
    uint32_t registered = 0;
    uint32_t due = 0;
    uint32_t otherwise_suspect = 0;
  };
  enum class Change { kNone, kEngaged, kShareFell, kSwitchedOff, kReleased, kMaxHoldReached };
  struct Verdict {
    bool hold = false;
    Change change = Change::kNone;
  };
  struct Hold {
    base::Instant since;
    uint32_t would_go = 0;
    uint32_t at_start = 0;
    uint32_t held = 0;
    double share() const { return at_start == 0 ? 0 : static_cast<double>(would_go) / at_start; }
  };

  // Judges all evictions that are due now, together.
  Verdict Judge(base::Instant now, const BrakeRules& rules, const Counts& counts);
  // `instances` of the service and zone were evicted.
  void Evicted(base::Instant now, uint32_t instances);
  // Ends a hold; evictions go on for one window. The next Judge reports the change.
  void Release(base::Instant now, const BrakeRules& rules);

  // The hold as it was judged last; nullopt: not holding.
  const std::optional<Hold>& hold() const { return hold_; }
  // Whether it remembers nothing that could matter.
  bool idle(base::Instant now, const BrakeRules& rules);

 private:
  struct Gone {
    base::Instant at;
    uint32_t instances;
  };
  uint32_t EvictedWithin(base::Instant now, absl::Duration window);
  Change ReasonToEnd(base::Instant now, const BrakeRules& rules, bool over) const;
  bool Permitted(base::Instant now) const { return permitted_until_ && now < *permitted_until_; }

  std::deque<Gone> evicted_;  // oldest first
  std::optional<Hold> hold_;
  std::optional<base::Instant> permitted_until_;
};

// "the share fell", and so on: for logs.
absl::string_view ToWords(EvictionBrake::Change change);

}  // namespace rollcall::health
