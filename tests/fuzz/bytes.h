// Bytes: what a fuzz target makes of its input: numbers and pieces, taken from the front. Where
// there is nothing left, zeros and empty pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace rollcall::fuzz {

class Bytes {
 public:
  explicit Bytes(absl::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }
  bool Bit() { return (Byte() & 1) != 0; }
  // Of `width` bytes, big-endian.
  uint64_t Number(int width) {
    uint64_t number = 0;
    for (int i = 0; i < width; ++i) number = number << 8 | Byte();
    return number;
  }
  // Led by its length: one byte, or 255 and two more.
  std::string Part() {
    size_t size = Byte();
    if (size == 255) size = Number(2);
    return Take(size);
  }
  std::string Take(size_t most) {
    const absl::string_view taken = rest_.substr(0, std::min(most, rest_.size()));
    rest_.remove_prefix(taken.size());
    return std::string(taken);
  }
  std::string Rest() { return Take(rest_.size()); }

 private:
  absl::string_view rest_;
};

}  // namespace rollcall::fuzz
