#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/bench/measure/machine.h"
#include "tests/bench/measure/reports.h"

namespace rollcall::bench {
namespace {

constexpr char kHead[] = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rollcall: what it costs</title>
<style>
:root{color-scheme:light dark;--line:#8884;--soft:#888;--good:#1a7f37;--bad:#c2410c}
body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2.2rem 0 .4rem;border-top:1px solid var(--line);padding-top:1rem}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}th{font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.soft{color:var(--soft)}
.warn{border-left:4px solid var(--bad);padding:.2rem .8rem;margin:.8rem 0}
svg{margin:.3rem 1rem .3rem 0;vertical-align:top}svg text{fill:currentColor;font:11px system-ui,sans-serif}
</style></head><body>
)";

// Sides keep their colour through the page.
const char* ColourOf(const std::string& side) {
  if (side == kOurs) return "#2563eb";
  if (side == kLimit) return "#9ca3af";
  if (side == "etcd") return "#d97706";
  if (side == "zookeeper") return "#16a34a";
  return "#a78bfa";
}

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

// One bar for each side, with a whisker from minimum to maximum.
std::string Bars(const WorkResult& result, const Figure& figure) {
  constexpr double kWidth = 300;
  constexpr double kLabel = 80;
  constexpr double kRow = 18;
  double most = 0;
  int rows = 0;
  for (const std::string& side : result.sides) {
    const Samples* samples = result.Find(figure.name, side);
    if (samples == nullptr) continue;
    most = std::max(most, samples->max());
    ++rows;
  }
  if (most <= 0 || rows < 2) return "";
  const std::string title =
      figure.unit.empty() ? figure.name : absl::StrCat(figure.name, ", ", figure.unit);
  std::string svg = absl::StrFormat(
      "<svg width=\"%.0f\" height=\"%.0f\" role=\"img\"><text x=\"0\" y=\"12\" "
      "font-weight=\"600\">%s</text>",
      kLabel + kWidth + 70, 18 + rows * kRow + 4, Escaped(title));
  double y = 18;
  for (const std::string& side : result.sides) {
    const Samples* samples = result.Find(figure.name, side);
    if (samples == nullptr) continue;
    const auto x = [&](double value) { return kLabel + kWidth * value / most; };
    absl::StrAppendFormat(&svg,
                          "<text x=\"0\" y=\"%.1f\">%s</text><rect x=\"%.1f\" y=\"%.1f\" "
                          "width=\"%.1f\" height=\"12\" fill=\"%s\"/>",
                          y + 11, Escaped(side), kLabel, y + 2, x(samples->median()) - kLabel,
                          ColourOf(side));
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
                          "stroke=\"currentColor\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>",
                          x(samples->min()), x(samples->max()), y + 8, y + 8, x(samples->max()) + 5,
                          y + 12, Number(samples->median()));
    y += kRow;
  }
  return svg + "</svg>\n";
}

// Latency over percentile, both as logarithms: the tail is what matters.
std::string Curves(const std::map<std::string, Histogram>& latencies) {
  constexpr double kWidth = 420;
  constexpr double kHeight = 150;
  constexpr double kLeft = 60;
  constexpr double kNines = 3.3;
  double least = 1e300;
  double most = 0;
  for (const auto& [side, histogram] : latencies) {
    least = std::min(least, absl::ToDoubleMilliseconds(histogram.Percentile(0.01)));
    most = std::max(most, absl::ToDoubleMilliseconds(histogram.max()));
  }
  if (latencies.empty() || most <= 0) return "";
  least = std::max(least, 1e-3);
  most = std::max(most, least * 1.1);
  const auto y = [&](double ms) {
    const double share = std::log(std::max(ms, least) / least) / std::log(most / least);
    return 20 + kHeight * (1 - share);
  };
  std::string svg = absl::StrFormat(
      "<svg width=\"%.0f\" height=\"%.0f\" role=\"img\"><text x=\"0\" y=\"12\" "
      "font-weight=\"600\">latency, ms, by percentile</text>",
      kLeft + kWidth + 150, kHeight + 45);
  for (double ms = std::pow(10, std::ceil(std::log10(least))); ms <= most; ms *= 10) {
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" "
                          "stroke=\"#8884\"/><text x=\"0\" y=\"%.1f\">%s</text>",
                          kLeft, kLeft + kWidth, y(ms), y(ms), y(ms) + 4, Number(ms));
  }
  for (const double share : {0.0, 0.9, 0.99, 0.999}) {
    const double x = kLeft + kWidth * -std::log10(1 - share) / kNines;
    absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"%.1f\">%s %%</text>", x, kHeight + 36,
                          Number(100 * share));
  }
  double label = 30;
  for (const auto& [side, histogram] : latencies) {
    std::string points;
    for (double nines = 0; nines <= kNines; nines += kNines / 100) {
      const double share = std::max(0.01, 1 - std::pow(10, -nines));
      absl::StrAppendFormat(&points, "%.1f,%.1f ", kLeft + kWidth * nines / kNines,
                            y(absl::ToDoubleMilliseconds(histogram.Percentile(share))));
    }
    const char* colour = ColourOf(side.substr(0, side.find(',')));
    absl::StrAppendFormat(&svg,
                          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" "
                          "stroke-width=\"2\"/><text x=\"%.1f\" y=\"%.1f\" "
                          "style=\"fill:%s\">%s</text>",
                          points, colour, kLeft + kWidth + 10, label, colour, Escaped(side));
    label += 14;
  }
  return svg + "</svg>\n";
}

std::string VerdictRows(const WorkReport& work, bool with_name) {
  std::string rows;
  for (const Verdict& verdict : work.verdicts) {
    const char* style = !verdict.seen ? "soft" : verdict.reached ? "good" : "bad";
    const char* word = !verdict.seen ? "not measured" : verdict.reached ? "reached" : "not reached";
    absl::StrAppend(&rows, "<tr>");
    if (with_name) {
      absl::StrAppend(&rows, "<td><a href=\"#", work.result.name, "\">", work.result.name,
                      "</a></td>");
    }
    absl::StrAppend(&rows, "<td>", Escaped(verdict.text), "</td><td>",
                    verdict.seen ? Number(*verdict.seen) : "–", "</td><td class=\"", style, "\">",
                    word, "</td></tr>\n");
  }
  return rows;
}

std::string FigureTable(const WorkResult& result) {
  std::string table = "<table><tr><th></th>";
  for (const std::string& side : result.sides) {
    absl::StrAppend(&table, "<th>", Escaped(side), "</th>");
  }
  table += "</tr>\n";
  for (const Figure& figure : result.figures) {
    absl::StrAppend(&table, "<tr><td>", Escaped(figure.name),
                    figure.unit.empty() ? "" : ", " + figure.unit, "</td>");
    for (const std::string& side : result.sides) {
      const Samples* samples = result.Find(figure.name, side);
      absl::StrAppend(&table, "<td>", samples == nullptr ? "–" : MedianAndRange(*samples),
                      samples != nullptr && samples->spread() > kLoudSpread ? " ~" : "", "</td>");
    }
    table += "</tr>\n";
  }
  return table + "</table>\n";
}

std::string Section(const WorkReport& work) {
  const WorkResult& result = work.result;
  std::string html = absl::StrCat("<h2 id=\"", result.name, "\">", result.name, "</h2><p>",
                                  Escaped(result.title), "</p>\n");
  if (!result.failure.empty()) {
    absl::StrAppend(&html, "<p class=\"warn\">Failed: ", Escaped(result.failure), "</p>\n");
  }
  if (!result.figures.empty()) html += FigureTable(result);
  absl::StrAppend(&html, "<table>", VerdictRows(work, false), "</table>\n");
  for (const Figure& figure : result.figures) html += Bars(result, figure);
  html += Curves(result.latencies);
  for (const std::string& note : result.notes) {
    absl::StrAppend(&html, "<p class=\"soft\">", Escaped(note), "</p>\n");
  }
  return html;
}

}  // namespace

std::string Html(const RunReport& report) {
  std::string html = kHead;
  absl::StrAppend(&html, "<h1>Rollcall: what it costs, beside what the machine can do</h1><p>",
                  Escaped(HeadText(report.machine, report.effort)),
                  "Medians of the repetitions, minimum and maximum in brackets; ~ marks a spread "
                  "over 25 % of the median.</p>\n");
  for (const std::string& complaint : report.machine.complaints) {
    absl::StrAppend(&html, "<p class=\"warn\">", Escaped(complaint), "</p>\n");
  }
  html += "<table><tr><th>work</th><th>target</th><th>seen</th><th></th></tr>\n";
  for (const WorkReport& work : report.works) html += VerdictRows(work, true);
  html += "</table>\n";
  for (const WorkReport& work : report.works) html += Section(work);
  return html + "</body></html>\n";
}

}  // namespace rollcall::bench
