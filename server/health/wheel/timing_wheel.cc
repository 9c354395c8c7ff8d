#include "server/health/wheel/timing_wheel.h"

#include <algorithm>

#include "client-sdk/base/check.h"

namespace rollcall::health {

TimingWheel::TimingWheel(base::Instant now, absl::Duration tick) : origin_(now), tick_(tick) {
  ROLLCALL_CHECK(tick > absl::ZeroDuration(), "a tick must have a length");
  first_.fill(kNone);
  last_.fill(kNone);
}

void TimingWheel::Arm(Key key, base::Instant deadline) {
  const auto [at, is_new] = index_.try_emplace(key, free_);
  if (!is_new) {
    Unlink(at->second);
  } else if (free_ != kNone) {
    free_ = nodes_[free_].next;
  } else {
    at->second = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  Node& node = nodes_[at->second];
  node.key = key;
  // The bucket of the current tick is already handed back: nothing may be put there.
  node.expires = std::max(TickAtOrAfter(deadline), now_ + 1);
  Link(at->second, BucketFor(node.expires));
}

bool TimingWheel::Cancel(Key key) {
  const auto at = index_.find(key);
  if (at == index_.end()) return false;
  Unlink(at->second);
  Free(at->second);
  index_.erase(at);
  return true;
}

void TimingWheel::Advance(base::Instant now, std::vector<Key>& due) {
  if (now < origin_) return;
  // Rounded down, while deadlines are rounded up: never early.
  const uint64_t target = static_cast<uint64_t>((now - origin_) / tick_);
  while (now_ < target && !index_.empty()) StepTo(now_ + 1, due);
  now_ = std::max(now_, target);
}

uint64_t TimingWheel::TickAtOrAfter(base::Instant deadline) const {
  if (deadline <= origin_) return 0;
  absl::Duration rest;
  const int64_t ticks = absl::IDivDuration(deadline - origin_, tick_, &rest);
  return static_cast<uint64_t>(ticks) + (rest > absl::ZeroDuration() ? 1 : 0);
}

// The finest level whose buckets reach as far as `expires` from now.
uint32_t TimingWheel::BucketFor(uint64_t expires) const {
  const uint64_t reachable = std::min(expires, now_ + kHorizon);
  uint32_t level = 0;
  while ((reachable - now_) >> (kBits * (level + 1)) != 0) ++level;
  return level * kSlots + ((reachable >> (kBits * level)) & (kSlots - 1));
}

void TimingWheel::Link(uint32_t node, uint32_t bucket) {
  nodes_[node].bucket = bucket;
  nodes_[node].prev = last_[bucket];
  nodes_[node].next = kNone;
  (last_[bucket] == kNone ? first_[bucket] : nodes_[last_[bucket]].next) = node;
  last_[bucket] = node;
}

void TimingWheel::Unlink(uint32_t node) {
  const Node& n = nodes_[node];
  (n.prev == kNone ? first_[n.bucket] : nodes_[n.prev].next) = n.next;
  (n.next == kNone ? last_[n.bucket] : nodes_[n.next].prev) = n.prev;
}

void TimingWheel::Free(uint32_t node) {
  nodes_[node].next = free_;
  free_ = node;
}

void TimingWheel::StepTo(uint64_t tick, std::vector<Key>& due) {
  now_ = tick;
  // When a finer wheel has turned once, the next bucket of the coarser one is spread over it.
  for (uint32_t level = 1; level < kLevels; ++level) {
    if ((tick & ((uint64_t{1} << (kBits * level)) - 1)) != 0) break;
    Cascade(level * kSlots + ((tick >> (kBits * level)) & (kSlots - 1)));
  }
  HandBack(tick & (kSlots - 1), due);
}

void TimingWheel::Cascade(uint32_t bucket) {
  uint32_t node = first_[bucket];
  first_[bucket] = last_[bucket] = kNone;
  while (node != kNone) {
    const uint32_t next = nodes_[node].next;
    Link(node, BucketFor(nodes_[node].expires));
    node = next;
  }
}

void TimingWheel::HandBack(uint32_t bucket, std::vector<Key>& due) {
  uint32_t node = first_[bucket];
  first_[bucket] = last_[bucket] = kNone;
  while (node != kNone) {
    const uint32_t next = nodes_[node].next;
    due.push_back(nodes_[node].key);
    index_.erase(nodes_[node].key);
    Free(node);
    node = next;
  }
}

}  // namespace rollcall::health
