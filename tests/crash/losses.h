// Losses: every loss of power that a recorded history can meet: after each change, of each kind.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/crash/disk.h"

namespace rollcall::crash {

// Between contents of one size; of different sizes SIZE_MAX.
inline size_t FlippedBits(absl::string_view one, absl::string_view other) {
  if (one.size() != other.size()) return SIZE_MAX;
  size_t flipped = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    flipped += static_cast<size_t>(std::popcount(static_cast<uint8_t>(one[i] ^ other[i])));
  }
  return flipped;
}

struct PowerLoss {
  size_t changes;  // made before it
  Loss loss;
  uint64_t seed;
  const Disk& disk;

  Files left() const { return disk.After(loss, seed); }
  // Two losses with one shape leave the same.
  std::string shape() const { return disk.ShapeAfter(loss, seed); }
  std::string word() const {
    return absl::StrCat("after ", changes, " changes, ", WordOf(loss), " lost, seed ", seed);
  }
  // Of a file one bit alone is missing, which nobody can tell from a flipped one.
  bool is_one_bit() const {
    const Files whole = disk.After(Loss::kNothing, seed);
    const Files rest = left();
    return std::any_of(rest.begin(), rest.end(), [&](const auto& file) {
      const auto before = whole.find(file.first);
      return before != whole.end() && FlippedBits(before->second, file.second) == 1;
    });
  }
  // What a judge found wrong, but for the refusal of one bit: it is taken for damage.
  std::string Unexcused(std::string wrong) const {
    const bool refused = absl::StrContains(wrong, "DATA_LOSS");
    return refused && is_one_bit() ? "" : std::move(wrong);
  }
};

// Those of which chance is part are drawn `draws` times. Stops when `met` returns false.
inline void ForEachLoss(const std::vector<Operation>& journal, const Files& start, size_t draws,
                        absl::FunctionRef<bool(const PowerLoss&)> met) {
  Disk disk(start);
  for (size_t changes = 0;; ++changes) {
    for (const Loss loss : kEveryLoss) {
      for (size_t draw = 0; draw < (IsDrawn(loss) ? draws : 1); ++draw) {
        if (!met({changes, loss, changes * 1000 + draw, disk})) return;
      }
    }
    if (changes == journal.size()) return;
    disk.Apply(journal[changes]);
  }
}

}  // namespace rollcall::crash
