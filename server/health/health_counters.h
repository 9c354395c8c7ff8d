// HealthCounters: the session table in numbers, for metrics and status. A snapshot; each number is
// right by itself, they are not taken at one instant.
#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::health {

struct HealthCounters {
  // Now.
  uint64_t sessions = 0;  // at home here
  uint64_t orphans = 0;   // of nodes that went away, judged here
  uint64_t connected = 0;
  uint64_t suspect = 0;
  uint64_t brakes_holding = 0;  // services and zones
  uint64_t evictions_held = 0;  // sessions that a brake holds
  // Since the start.
  uint64_t beats_total = 0;
  uint64_t evictions_total = 0;   // sessions ended by their deadline
  uint64_t brakes_total = 0;      // times that a brake engaged
  uint64_t suppressed_total = 0;  // broken streams that were not suspected at once
};

// The same, being counted. Thread-safe.
struct HealthTally {
  std::atomic<uint64_t> sessions{0};
  std::atomic<uint64_t> orphans{0};
  std::atomic<uint64_t> connected{0};
  std::atomic<uint64_t> suspect{0};
  std::atomic<uint64_t> brakes_holding{0};
  std::atomic<uint64_t> evictions_held{0};
  std::atomic<uint64_t> beats_total{0};
  std::atomic<uint64_t> evictions_total{0};
  std::atomic<uint64_t> brakes_total{0};
  std::atomic<uint64_t> suppressed_total{0};

  HealthCounters Snapshot() const {
    return {.sessions = sessions,
            .orphans = orphans,
            .connected = connected,
            .suspect = suspect,
            .brakes_holding = brakes_holding,
            .evictions_held = evictions_held,
            .beats_total = beats_total,
            .evictions_total = evictions_total,
            .brakes_total = brakes_total,
            .suppressed_total = suppressed_total};
  }
};

}  // namespace rollcall::health
