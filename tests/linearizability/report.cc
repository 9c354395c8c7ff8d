#include "tests/linearizability/report.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::linearizability {
namespace {

std::string Seconds(Instant at) {
  return at == kNever ? "never" : absl::StrFormat("%.6f", static_cast<double>(at) / 1e9);
}

}  // namespace

std::string Line(Instant invoked, Instant returned, absl::string_view what, bool known) {
  return absl::StrFormat("  %12s to %12s  %s%s\n", Seconds(invoked), Seconds(returned), what,
                         known ? "" : " (outcome unknown)");
}

std::string TooMany(uint64_t steps) {
  return absl::StrCat("the search was given up after ", steps, " steps: nothing is known");
}

std::string Explanation::Text() const {
  std::string text = "not linearizable. No order explains the answer of\n";
  absl::StrAppend(&text, culprit, "When it was asked for, this was the state:\n");
  size_t shown = 0;
  for (const std::string& state : states) {
    if (++shown <= kStates) absl::StrAppend(&text, shown == 1 ? "  " : "  or ", state, "\n");
  }
  if (states.size() > kStates) {
    absl::StrAppend(&text, "  or one of ", states.size() - kStates, " others\n");
  }
  text += window.empty() ? "Nothing overlaps it.\n" : "It overlaps:\n";
  for (const std::string& line : window) text += line;
  if (!before.empty()) text += "The last that returned before it:\n";
  const size_t count = std::min(before.size(), kBefore);
  for (auto at = std::prev(before.end(), static_cast<ptrdiff_t>(count)); at != before.end(); ++at) {
    text += at->second;
  }
  return text;
}

}  // namespace rollcall::linearizability
