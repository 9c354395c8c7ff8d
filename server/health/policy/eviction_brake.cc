#include "server/health/policy/eviction_brake.h"

#include "client-sdk/base/mutant.h"

namespace rollcall::health {

BrakeRules BrakeRulesOf(const v1::EvictionBrake& spec) {
  BrakeRules rules;
  if (spec.has_enabled()) rules.enabled = spec.enabled();
  if (spec.has_share()) rules.share = spec.share();
  if (spec.has_more_than()) rules.more_than = spec.more_than();
  if (spec.has_window_seconds()) rules.window = absl::Seconds(spec.window_seconds());
  if (spec.has_max_hold_seconds()) rules.max_hold = absl::Seconds(spec.max_hold_seconds());
  return rules;
}

EvictionBrake::Verdict EvictionBrake::Judge(base::Instant now, const BrakeRules& rules,
                                            const Counts& counts) {
  const uint32_t evicted = EvictedWithin(now, rules.window);
  const uint32_t suspect = MUTANT(brake_sees_only_the_due) ? 0 : counts.otherwise_suspect;
  const uint32_t would_go = evicted + counts.due + suspect;
  const uint32_t at_start = counts.registered + evicted;
  const double share = MUTANT(brake_ignores_its_share) ? 0 : rules.share;
  const bool over = rules.enabled && would_go > rules.more_than && would_go > share * at_start;
  Verdict verdict;
  if (hold_) {
    verdict.change = ReasonToEnd(now, rules, over);
    if (verdict.change == Change::kMaxHoldReached) permitted_until_ = now + rules.window;
    if (verdict.change != Change::kNone) hold_.reset();
  } else if (over && counts.due > 0 && !Permitted(now)) {
    verdict.change = Change::kEngaged;
    hold_ = Hold{.since = now};
  }
  verdict.hold = hold_.has_value();
  if (hold_) {
    hold_->would_go = would_go;
    hold_->at_start = at_start;
    hold_->held = counts.due;
  }
  return verdict;
}

EvictionBrake::Change EvictionBrake::ReasonToEnd(base::Instant now, const BrakeRules& rules,
                                                 bool over) const {
  if (Permitted(now)) return Change::kReleased;
  if (!rules.enabled) return Change::kSwitchedOff;
  if (!over) return Change::kShareFell;
  if (now - hold_->since >= rules.max_hold) return Change::kMaxHoldReached;
  return Change::kNone;
}

void EvictionBrake::Evicted(base::Instant now, uint32_t instances) {
  if (!evicted_.empty() && evicted_.back().at == now) {
    evicted_.back().instances += instances;
  } else {
    evicted_.push_back({now, instances});
  }
}

void EvictionBrake::Release(base::Instant now, const BrakeRules& rules) {
  if (hold_) permitted_until_ = now + rules.window;
}

bool EvictionBrake::idle(base::Instant now, const BrakeRules& rules) {
  return !hold_ && !Permitted(now) && EvictedWithin(now, rules.window) == 0;
}

uint32_t EvictionBrake::EvictedWithin(base::Instant now, absl::Duration window) {
  while (!evicted_.empty() && evicted_.front().at + window <= now) evicted_.pop_front();
  uint32_t sum = 0;
  for (const Gone& gone : evicted_) sum += gone.instances;
  return sum;
}

absl::string_view ToWords(EvictionBrake::Change change) {
  switch (change) {
    case EvictionBrake::Change::kNone:
      return "nothing changed";
    case EvictionBrake::Change::kEngaged:
      return "too many would go at once";
    case EvictionBrake::Change::kShareFell:
      return "the share fell";
    case EvictionBrake::Change::kSwitchedOff:
      return "it was switched off for the service";
    case EvictionBrake::Change::kReleased:
      return "an operator released it";
    case EvictionBrake::Change::kMaxHoldReached:
      return "it held for as long as it may";
  }
  return "unknown";
}

}  // namespace rollcall::health
