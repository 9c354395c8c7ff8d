// SharedRandom: uniformly distributed bits for many threads without a lock: splitmix64 (Steele,
// Lea, Flood 2014) over an atomic counter. Not for secrets. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::sdk {

class SharedRandom {
 public:
  explicit SharedRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  std::atomic<uint64_t> state_;
};

}  // namespace rollcall::sdk
