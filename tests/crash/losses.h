// Losses: every loss of power that a recorded history can meet: after each change, of each kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "tests/crash/disk.h"

namespace rollcall::crash {

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
