// Slots: a set of small numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"

namespace rollcall::linearizability {

class Slots {
 public:
  void Add(size_t slot) {
    if (slot / kBits >= words_.size()) words_.resize(slot / kBits + 1);
    words_[slot / kBits] |= uint64_t{1} << slot % kBits;
  }
  void Remove(size_t slot) {
    if (!Has(slot)) return;
    words_[slot / kBits] &= ~(uint64_t{1} << slot % kBits);
    // Equal sets have equal words.
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
  }
  bool Has(size_t slot) const {
    return slot / kBits < words_.size() && (words_[slot / kBits] >> slot % kBits & 1) != 0;
  }
  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(__builtin_popcountll(word));
    return count;
  }
  bool IsWithin(const Slots& other) const {
    if (words_.size() > other.words_.size()) return false;
    for (size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & ~other.words_[i]) != 0) return false;
    }
    return true;
  }
  friend bool operator==(const Slots& a, const Slots& b) { return a.words_ == b.words_; }
  template <typename H>
  friend H AbslHashValue(H h, const Slots& slots) {
    return H::combine(std::move(h), slots.words_);
  }

 private:
  static constexpr size_t kBits = 64;
  absl::InlinedVector<uint64_t, 2> words_;
};

}  // namespace rollcall::linearizability
