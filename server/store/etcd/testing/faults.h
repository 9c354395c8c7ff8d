// What may go wrong between a node and etcd.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/random.h"

namespace rollcall::etcd {

enum class CallKind {
  kRange,
  kTxn,
  kCompact,
  kLeaseGrant,
  kLeaseRevoke,
  kLeaseKeepAlive,
  kWatch,
  kStatus,
  kAlarm
};

enum class Fate {
  kCarriedOut,
  kCutBefore,   // UNAVAILABLE at once; it never arrived.
  kCutAfter,    // UNAVAILABLE; it was carried out.
  kLostBefore,  // No answer; it never arrived.
  kLostAfter,   // No answer; it was carried out.
  kLate,        // No answer, and it is carried out only after the caller has given up.
  kBusy,        // "too many requests"; not carried out.
};

// Chances of the fates of one call; what they leave is kCarriedOut.
struct Chances {
  double cut_before = 0;
  double cut_after = 0;
  double lost_before = 0;
  double lost_after = 0;
  double late = 0;
  double busy = 0;
  // Each message is under way so long, each way; the messages of a watch keep their order.
  absl::Duration delay_least = absl::ZeroDuration();
  absl::Duration delay_most = absl::ZeroDuration();
  // A kLate request comes so long after its caller's deadline, at most.
  absl::Duration late_by = absl::Seconds(5);

  Fate DrawFate(base::Random& random) const {
    const std::pair<double, Fate> fates[] = {{cut_before, Fate::kCutBefore},
                                             {cut_after, Fate::kCutAfter},
                                             {lost_before, Fate::kLostBefore},
                                             {lost_after, Fate::kLostAfter},
                                             {late, Fate::kLate},
                                             {busy, Fate::kBusy}};
    double left = random.Unit();
    for (const auto& [chance, fate] : fates) {
      if (left < chance) return fate;
      left -= chance;
    }
    return Fate::kCarriedOut;
  }
  absl::Duration DrawDelay(base::Random& random) const {
    return delay_least >= delay_most ? delay_least : random.Between(delay_least, delay_most);
  }
};

// How far a node's messages come.
enum class Reach {
  kOpen,
  kRefused,    // No connection: UNAVAILABLE at once; what was open is cut.
  kSilent,     // Nothing comes through, either way.
  kNoAnswers,  // Requests arrive; nothing comes back.
};

// What the next calls of a kind will meet, in order: a fate, or an answer instead of etcd's.
class FaultScript {
 public:
  using Step = std::variant<Fate, absl::Status>;

  void Add(CallKind kind, Step step) { steps_[kind].push_back(std::move(step)); }
  std::optional<Step> Take(CallKind kind) {
    std::deque<Step>& steps = steps_[kind];
    if (steps.empty()) return std::nullopt;
    Step step = std::move(steps.front());
    steps.pop_front();
    return step;
  }

 private:
  std::map<CallKind, std::deque<Step>> steps_;
};

}  // namespace rollcall::etcd
