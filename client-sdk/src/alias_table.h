// AliasTable: draws an index at random by weight, in constant time.
//
// Source: Vose, "A Linear Algorithm for Generating Random Numbers with a Given Distribution", IEEE
// Trans. Software Eng. 17(9), 1991. Immutable, pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rollcall::sdk {

class AliasTable {
 public:
  // Weights above 0, at least one.
  explicit AliasTable(const std::vector<uint32_t>& weights) : cells_(weights.size()) {
    double total = 0;
    for (const uint32_t weight : weights) total += weight;
    std::vector<double> share(weights.size());  // Of one cell; their mean is 1.
    std::vector<size_t> small, large;
    for (size_t i = 0; i < weights.size(); ++i) {
      share[i] = weights[i] * static_cast<double>(weights.size()) / total;
      (share[i] < 1 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const size_t less = small.back(), more = large.back();
      small.pop_back();
      cells_[less] = {share[less], more};
      share[more] -= 1 - share[less];
      if (share[more] < 1) {
        large.pop_back();
        small.push_back(more);
      }
    }
    // What rounding has left over fills its cell alone.
    for (const size_t i : small) cells_[i] = {1, i};
    for (const size_t i : large) cells_[i] = {1, i};
  }

  // `bits` are 64 uniformly distributed ones: the upper half chooses the cell, the lower half the
  // side.
  size_t Draw(uint64_t bits) const {
    const size_t cell = static_cast<size_t>(((bits >> 32) * cells_.size()) >> 32);
    const double side = static_cast<double>(bits & 0xffffffff) * 0x1.0p-32;
    return side < cells_[cell].own ? cell : cells_[cell].alias;
  }

 private:
  struct Cell {
    double own = 1;
    size_t alias = 0;
  };
  std::vector<Cell> cells_;
};

}  // namespace rollcall::sdk
