// InParts: what is too much for one transaction, in parts, in order. Pure.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "server/model/limits.h"

namespace rollcall::flow {

// Each of at most kAtomicRegistrationInstances, and of at most kMaxPartBytes by `bytes_of` or of
// one alone.
template <typename T, typename BytesOf>
std::vector<std::vector<T>> InParts(std::vector<T> all, BytesOf bytes_of) {
  std::vector<std::vector<T>> parts;
  size_t bytes = 0;
  for (T& one : all) {
    bytes += bytes_of(one);
    const bool full = parts.empty() || parts.back().size() == kAtomicRegistrationInstances ||
                      bytes > kMaxPartBytes;
    if (full) {
      parts.emplace_back();
      bytes = bytes_of(one);
    }
    parts.back().push_back(std::move(one));
  }
  return parts;
}

}  // namespace rollcall::flow
