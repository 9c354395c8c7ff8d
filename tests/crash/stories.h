// What the stories of stores and replicas have in common: their keys, and how long they are.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace rollcall::crash {

// Few, so that each is written again and again.
inline constexpr size_t kKeys = 9;

// The key of the i-th write.
inline std::string KeyOf(size_t i) { return absl::StrCat("i/default/web/", i % kKeys); }

// As many as ROLLCALL_CRASH_STEPS says, if it says anything.
inline size_t StepsOr(size_t steps) {
  const char* wish = std::getenv("ROLLCALL_CRASH_STEPS");
  return wish == nullptr ? steps : std::strtoull(wish, nullptr, 10);
}

}  // namespace rollcall::crash
