// TimingWheel: finds what is due, in constant time per entry.
//
// Holds (key, deadline) pairs in a hierarchy of wheels of buckets (Varghese and Lauck, "Hashed and
// Hierarchical Timing Wheels", SOSP 1987, scheme 7). Advance() hands back every key whose deadline
// has passed: once, never early, at most one tick late. An entry costs constant time to arm, cancel
// and hand back, and is moved at most once per level in between; a tick costs constant time, and
// none while the wheel is empty.
//
// It reads no clock and starts no thread: time arrives as an argument. A caller whose deadlines
// move often does not re-arm at each move: it lets the key come back, looks, and arms it again.
//
// Thread-compatible. See docs/life_of_a_heartbeat.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::health {

class TimingWheel {
 public:
  using Key = uint64_t;

  TimingWheel(base::Instant now, absl::Duration tick);

  // Arms `key`, or moves it if it is armed. A deadline that has passed comes back at the next tick.
  void Arm(Key key, base::Instant deadline);
  // True if it was armed.
  bool Cancel(Key key);
  // Appends to `due`, in order of their ticks, the keys whose deadlines have passed; they are no
  // longer armed. A `now` before an earlier one hands back nothing.
  void Advance(base::Instant now, std::vector<Key>& due);

  size_t size() const { return index_.size(); }

 private:
  static constexpr int kBits = 6;
  static constexpr uint64_t kSlots = uint64_t{1} << kBits;
  static constexpr int kLevels = 4;
  // Deadlines further away than this wait in the outermost bucket and are placed again from there.
  static constexpr uint64_t kHorizon = (uint64_t{1} << (kBits * kLevels)) - 1;
  static constexpr uint32_t kNone = UINT32_MAX;

  // Nodes live in one vector and are linked by position: no allocation once it has grown.
  struct Node {
    Key key;
    uint64_t expires;  // tick
    uint32_t prev;     // kNone: first of its bucket
    uint32_t next;
    uint32_t bucket;
  };

  uint64_t TickAtOrAfter(base::Instant deadline) const;
  uint32_t BucketFor(uint64_t expires) const;
  void Link(uint32_t node, uint32_t bucket);
  void Unlink(uint32_t node);
  void Free(uint32_t node);
  void StepTo(uint64_t tick, std::vector<Key>& due);
  void Cascade(uint32_t bucket);
  void HandBack(uint32_t bucket, std::vector<Key>& due);

  const base::Instant origin_;
  const absl::Duration tick_;

  uint64_t now_ = 0;  // ticks since origin_; buckets up to here are handed back
  std::vector<Node> nodes_;
  uint32_t free_ = kNone;  // chained by `next`
  std::array<uint32_t, kSlots * kLevels> first_;
  std::array<uint32_t, kSlots * kLevels> last_;
  absl::flat_hash_map<Key, uint32_t> index_;
};

}  // namespace rollcall::health
