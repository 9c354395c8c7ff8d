#include "tests/sim/workload/plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace rollcall::sim {

std::string PlannedEvent::Line() const {
  return absl::StrFormat("%-8.3f %s", absl::ToDoubleSeconds(at), absl::StrJoin(words, " "));
}

void Plan::Add(absl::Duration at, std::vector<std::string> words) {
  // As it is written: a plan that is read back is the same plan.
  events.push_back({absl::Trunc(at, absl::Milliseconds(1)), std::move(words)});
}

void Plan::Sort() {
  std::stable_sort(events.begin(), events.end(),
                   [](const PlannedEvent& a, const PlannedEvent& b) { return a.at < b.at; });
  end = absl::Trunc(end, absl::Milliseconds(1));
}

std::string Plan::Text() const {
  std::string text;
  for (const PlannedEvent& event : events) absl::StrAppend(&text, event.Line(), "\n");
  return text + PlannedEvent{end, {"end"}}.Line() + "\n";
}

absl::StatusOr<Plan> ParsePlan(absl::string_view text) {
  Plan plan;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipWhitespace());
    if (words.empty() || words[0][0] == '#') continue;
    double seconds = 0;
    if (words.size() < 2 || !absl::SimpleAtod(words[0], &seconds) || seconds < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("not \"SECONDS WORD…\": \"", std::string(line), "\""));
    }
    words.erase(words.begin());
    // A thousandth is the least that is written.
    const absl::Duration at = absl::Milliseconds(std::llround(seconds * 1000));
    if (words[0] == "end") {
      plan.end = at;
    } else {
      plan.Add(at, std::move(words));
      plan.end = std::max(plan.end, at);
    }
  }
  plan.Sort();
  return plan;
}

}  // namespace rollcall::sim
