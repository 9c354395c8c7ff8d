// What came of a search, and why, in words.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/linearizability/operation.h"

namespace rollcall::linearizability {

enum class Verdict {
  kYes,
  kNo,
  kBoundExceeded,  // nothing is known: a test fails by it
};

struct Result {
  Verdict verdict = Verdict::kYes;
  uint64_t steps = 0;
  // Empty if the verdict is kYes.
  std::string why = {};
};

// The operations that cannot be ordered, and what is known of the time before.
struct Explanation {
  static constexpr size_t kBefore = 5;  // of those that returned before, the last
  static constexpr size_t kStates = 5;

  // In which the object may have been when the culprit was invoked.
  std::set<std::string> states;
  std::multimap<Instant, std::string> before;  // by their return
  // That overlap the culprit and cannot be left out.
  std::vector<std::string> window;
  std::string culprit;

  std::string Text() const;
};

// Instants as seconds, if they are nanoseconds.
std::string Line(Instant invoked, Instant returned, absl::string_view what, bool known);
std::string TooMany(uint64_t steps);

}  // namespace rollcall::linearizability
