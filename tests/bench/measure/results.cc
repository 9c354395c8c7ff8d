#include "tests/bench/measure/results.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::bench {

void WorkResult::Record(const std::string& side, const Figure& figure, double value) {
  const auto same = [&](const Figure& other) { return other.name == figure.name; };
  if (std::none_of(figures.begin(), figures.end(), same)) figures.push_back(figure);
  if (std::find(sides.begin(), sides.end(), side) == sides.end()) sides.push_back(side);
  values[figure.name][side].Add(value);
}

const Samples* WorkResult::Find(const std::string& figure, const std::string& side) const {
  const auto by_side = values.find(figure);
  if (by_side == values.end()) return nullptr;
  const auto samples = by_side->second.find(side);
  return samples == by_side->second.end() ? nullptr : &samples->second;
}

Target AtLeast(std::string figure, double factor, std::string side, std::string because) {
  return {std::move(figure), Target::Relation::kAtLeast, factor, std::move(side),
          std::move(because)};
}

Target AtMost(std::string figure, double factor, std::string side, std::string because) {
  return {std::move(figure), Target::Relation::kAtMost, factor, std::move(side),
          std::move(because)};
}

namespace {

std::string TextOf(const Target& target) {
  const char* relation = target.relation == Target::Relation::kAtLeast ? " ≥ " : " ≤ ";
  std::string text = absl::StrCat(target.figure, relation);
  if (target.side.empty()) absl::StrAppend(&text, Number(target.factor));
  if (!target.side.empty() && target.side != kBound) {
    absl::StrAppend(&text, Number(target.factor), " × ", target.side);
  }
  if (target.side == kBound) absl::StrAppend(&text, target.because);
  if (target.side != kBound && !target.because.empty()) {
    absl::StrAppend(&text, " (", target.because, ")");
  }
  return text;
}

}  // namespace

std::vector<Verdict> Judge(const WorkResult& result, const std::vector<Target>& targets) {
  std::vector<Verdict> verdicts;
  for (const Target& target : targets) {
    const auto met = std::find(result.sides.begin(), result.sides.end(), target.side);
    if (!target.side.empty() && met == result.sides.end()) continue;
    Verdict verdict{TextOf(target), std::nullopt, false};
    const Samples* ours = result.Find(target.figure, kOurs);
    const Samples* other = target.side.empty() ? nullptr : result.Find(target.figure, target.side);
    if (ours != nullptr && (target.side.empty() || (other != nullptr && other->median() != 0))) {
      const double seen = other == nullptr ? ours->median() : ours->median() / other->median();
      verdict.seen = seen;
      verdict.reached = target.relation == Target::Relation::kAtLeast ? seen >= target.factor
                                                                      : seen <= target.factor;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace rollcall::bench
