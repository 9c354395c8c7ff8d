// BeatCell: where the heartbeats of one session are written by gRPC threads and read by the judge.
//
// The judge sets what a heartbeat means now. Storing the beat and then reading the mode, on one
// side, and setting the mode and then reading the beat, on the other, are sequentially consistent:
// either the beat sees that an eviction is submitted and is not acknowledged, or the evictor sees
// the beat and does not evict. So no acknowledged heartbeat is ever followed by an eviction that
// did not count it.
//
// Thread-safe; never blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "server/health/accounted_clock.h"

namespace rollcall::health {

enum class BeatMode : uint8_t {
  kCounts,    // nothing to do but to remember it
  kRenews,    // the session is suspect: the first beat is told to the judge
  kRenewing,  // suspect, and the judge knows
  kMuted,     // an eviction is undecided: no acknowledgement
};

struct BeatAnswer {
  bool ack = false;    // acknowledge now
  bool renew = false;  // tell the judge
};

class BeatCell {
 public:
  explicit BeatCell(absl::Duration ttl) { set_ttl(ttl); }

  // On any thread.
  BeatAnswer Beat(AccountedClock::Reading now, uint64_t sequence, bool want_ack) {
    sequence_.store(sequence, std::memory_order_relaxed);
    last_beat_ns_.store(AccountedClock::ToNanos(now.accounted));
    const BeatMode mode = mode_.load();
    if (mode == BeatMode::kMuted) return {};
    BeatMode expected = BeatMode::kRenews;
    return {.ack = AckDue(now.steady, want_ack),
            .renew = mode == BeatMode::kRenews &&
                     mode_.compare_exchange_strong(expected, BeatMode::kRenewing)};
  }

  // On the health executor.
  // An opened stream is a sign of life, and its answer an acknowledgement.
  void Opened(AccountedClock::Reading now) {
    last_beat_ns_.store(AccountedClock::ToNanos(now.accounted));
    last_ack_ns_.store(AccountedClock::ToNanos(now.steady), std::memory_order_relaxed);
  }
  void SetMode(BeatMode mode) { mode_.store(mode); }
  std::optional<base::Instant> last_beat() const {
    const int64_t ns = last_beat_ns_.load();
    if (ns == kNever) return std::nullopt;
    return AccountedClock::FromNanos(ns);
  }
  uint64_t sequence() const { return sequence_.load(std::memory_order_relaxed); }
  // Half a TTL, so that with a beat each third of it every second beat is acknowledged, and at
  // least one per TTL even when beats are late.
  void set_ttl(absl::Duration ttl) {
    ack_every_ns_.store(absl::ToInt64Nanoseconds(ttl / 2), std::memory_order_relaxed);
  }

 private:
  static constexpr int64_t kNever = INT64_MIN;

  bool AckDue(base::Instant steady, bool want_ack) {
    const int64_t now = AccountedClock::ToNanos(steady);
    if (!want_ack && now - last_ack_ns_.load(std::memory_order_relaxed) <
                         ack_every_ns_.load(std::memory_order_relaxed)) {
      return false;
    }
    last_ack_ns_.store(now, std::memory_order_relaxed);
    return true;
  }

  std::atomic<int64_t> last_beat_ns_{kNever};  // accounted
  std::atomic<int64_t> last_ack_ns_{0};        // steady
  std::atomic<int64_t> ack_every_ns_{0};
  std::atomic<uint64_t> sequence_{0};
  std::atomic<BeatMode> mode_{BeatMode::kCounts};
};

}  // namespace rollcall::health
