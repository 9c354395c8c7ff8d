// Flips: bits of a file to flip: all of a small one, of a larger one so many, spread over it.
//
// Which bits of a larger one is decided by a seed; ROLLCALL_CRASH_FLIPS=n takes n of each file.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/functional/function_ref.h"
#include "client-sdk/base/random.h"

namespace rollcall::crash {

inline size_t MostFlips(size_t most) {
  const char* wish = std::getenv("ROLLCALL_CRASH_FLIPS");
  return wish == nullptr ? most : std::strtoull(wish, nullptr, 10);
}

// Calls `flipped` with each altered content; answers how many there were.
inline size_t ForEachFlip(const std::string& bytes, size_t most, uint64_t seed,
                          absl::FunctionRef<void(const std::string&, size_t bit)> flipped) {
  const size_t bits = 8 * bytes.size();
  const auto flip = [&](size_t bit) {
    std::string altered = bytes;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    flipped(altered, bit);
  };
  if (bits <= most) {
    for (size_t bit = 0; bit < bits; ++bit) flip(bit);
    return bits;
  }
  base::SeededRandom random(seed);
  for (size_t i = 0; i < most; ++i) {
    // One in each of as many parts: nowhere is a large piece left out.
    const size_t from = i * bits / most;
    flip(from + random.Below((i + 1) * bits / most - from));
  }
  return most;
}

}  // namespace rollcall::crash
