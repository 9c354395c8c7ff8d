// Inputs near those that are kept: for builds without libFuzzer, which knows far better what to
// try. The same inputs and the same chance make the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"

namespace rollcall::fuzz {

inline size_t Below(base::Random& random, size_t bound) {
  return bound == 0 ? 0 : static_cast<size_t>(random.Below(bound));
}

// One small change of `input`; `others` are what it may be joined with.
inline void MutateOnce(std::string& input, const std::vector<std::string>& others,
                       base::Random& random) {
  static constexpr uint8_t kEdges[] = {0, 1, 2, 8, 10, 16, 32, 39, 127, 128, 200, 254, 255};
  const size_t place = Below(random, input.size() + 1);
  const size_t length = std::min(input.size() - place, 1 + Below(random, 8));
  switch (Below(random, 7)) {
    case 0:
      if (place < input.size())
        input[place] = static_cast<char>(input[place] ^ (1 << Below(random, 8)));
      return;
    case 1:
      if (place < input.size())
        input[place] = static_cast<char>(kEdges[Below(random, std::size(kEdges))]);
      return;
    case 2:
      input.insert(place, 1 + Below(random, 4), static_cast<char>(Below(random, 256)));
      return;
    case 3:
      input.erase(place, length);
      return;
    case 4:
      input.insert(Below(random, input.size() + 1), input.substr(place, length));
      return;
    case 5:
      if (place < input.size()) input[place] = static_cast<char>(Below(random, 256));
      return;
    default: {
      const std::string& other = others[Below(random, others.size())];
      const size_t from = Below(random, other.size() + 1);
      input = input.substr(0, place) + other.substr(from);
    }
  }
}

inline std::string Mutated(const std::vector<std::string>& inputs, base::Random& random) {
  std::string input = inputs[Below(random, inputs.size())];
  for (size_t changes = 1 + Below(random, 4); changes > 0; --changes) {
    MutateOnce(input, inputs, random);
  }
  return input.substr(0, 4096);
}

}  // namespace rollcall::fuzz
