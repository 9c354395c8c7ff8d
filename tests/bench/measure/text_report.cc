#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/measure/machine.h"
#include "tests/bench/measure/reports.h"

namespace rollcall::bench {
namespace {

// How many columns a terminal needs for UTF-8 text.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void AppendCell(std::string& row, const std::string& text, size_t width, bool to_the_right) {
  const std::string padding(width - std::min(width, WidthOf(text)), ' ');
  absl::StrAppend(&row, to_the_right ? padding : "", text, to_the_right ? "" : padding);
}

using Rows = std::vector<std::vector<std::string>>;

// The first column to the left, the others to the right.
std::string Table(const Rows& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i < row.size(); ++i) {
      AppendCell(line, row[i], widths[i], i > 0);
      line += "   ";
    }
    while (line.back() == ' ') line.pop_back();
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string CellOf(const WorkResult& result, const Figure& figure, const std::string& side) {
  const Samples* samples = result.Find(figure.name, side);
  if (samples == nullptr) return "–";
  return absl::StrCat(MedianAndRange(*samples), samples->spread() > kLoudSpread ? " ~" : "");
}

std::string VerdictText(const Verdict& verdict) {
  if (!verdict.seen) return absl::StrCat(verdict.text, ": not measured");
  return absl::StrCat(verdict.text, ": ", Number(*verdict.seen),
                      verdict.reached ? "  reached" : "  NOT REACHED");
}

}  // namespace

std::string HeadText(const MachineFacts& machine, const std::string& effort) {
  return absl::StrFormat(
      "%s, %d cores, %s; %s; %s run, %s build; load average %.1f, others use %.1f cores\n",
      machine.processor, machine.cores, machine.kernel, machine.at, effort, machine.build,
      machine.load_before, machine.others_before);
}

std::string WorkText(const WorkReport& report) {
  const WorkResult& result = report.result;
  std::string text = absl::StrFormat("\n%s: %s  (%.0f s)\n", result.name, result.title,
                                     absl::ToDoubleSeconds(result.took));
  if (!result.failure.empty()) absl::StrAppend(&text, "  FAILED: ", result.failure, "\n");
  Rows rows = {{""}};
  rows[0].insert(rows[0].end(), result.sides.begin(), result.sides.end());
  for (const Figure& figure : result.figures) {
    rows.push_back(
        {figure.unit.empty() ? figure.name : absl::StrCat(figure.name, ", ", figure.unit)});
    for (const std::string& side : result.sides) {
      rows.back().push_back(CellOf(result, figure, side));
    }
  }
  if (rows.size() > 1) text += Table(rows);
  for (const Verdict& verdict : report.verdicts) {
    absl::StrAppend(&text, "  target: ", VerdictText(verdict), "\n");
  }
  for (const std::string& note : result.notes) absl::StrAppend(&text, "  (", note, ")\n");
  return text;
}

std::string SummaryText(const RunReport& report) {
  std::string text = "\nTargets\n";
  Rows rows;
  for (const WorkReport& work : report.works) {
    for (const Verdict& verdict : work.verdicts) {
      rows.push_back({absl::StrCat(work.result.name, ": ", verdict.text),
                      verdict.seen ? Number(*verdict.seen) : "–",
                      !verdict.seen     ? "not measured"
                      : verdict.reached ? "reached"
                                        : "NOT REACHED"});
    }
    if (!work.result.failure.empty()) rows.push_back({work.result.name, "–", "FAILED"});
  }
  absl::StrAppend(&text, Table(rows));
  if (!report.machine.complaints.empty()) text += "\nTo be read with care:\n";
  for (const std::string& complaint : report.machine.complaints) {
    absl::StrAppend(&text, "  ", complaint, "\n");
  }
  return text;
}

}  // namespace rollcall::bench
