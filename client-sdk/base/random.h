// Random: where components get chance from.
//
// Implementations say whether they are thread-safe and whether they suit secrets.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace rollcall::base {

class Random {
 public:
  virtual ~Random() = default;
  // 64 uniformly distributed bits.
  virtual uint64_t Next() = 0;

  // Uniform in [0, bound); `bound` must be above 0. Unbiased (Lemire 2019, "Fast Random Integer
  // Generation in an Interval").
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in [low, high).
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return low + (high - low) * Unit();
  }
  // 32 lower-case hex digits.
  std::string Hex128();
};

// Repeatable from its seed (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64). For
// everything but secrets. Thread-compatible.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed);
  uint64_t Next() override;

 private:
  uint64_t s_[4];
};

// The operating system's generator, asked for each number; good for secrets, also after a fork.
// Thread-safe.
class SecureRandom final : public Random {
 public:
  uint64_t Next() override;
};

}  // namespace rollcall::base
