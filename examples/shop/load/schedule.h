// Schedule: when each call of a steady caller is due.
//
// The times are fixed from the start: a slow answer delays no other call, and latency is counted
// from when the call was due, so that waiting for a free worker counts as waiting.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace shop {

class Schedule {
 public:
  using Clock = std::chrono::steady_clock;
  struct Slot {
    uint64_t number;
    Clock::time_point due;
  };

  // `rate` calls a second from `start` on, for `length`.
  Schedule(Clock::time_point start, double rate, std::chrono::duration<double> length)
      : start_(start), gap_(1 / rate), slots_(static_cast<uint64_t>(length.count() * rate)) {}

  // The next call; none when all are taken or after Stop().
  std::optional<Slot> Next() {
    const uint64_t number = next_.fetch_add(1);
    if (number >= slots_ || stopped_) return std::nullopt;
    return Slot{number, start_ + std::chrono::duration_cast<Clock::duration>(gap_ * number)};
  }

  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  Clock::time_point start() const { return start_; }

 private:
  const Clock::time_point start_;
  const std::chrono::duration<double> gap_;
  const uint64_t slots_;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace shop
