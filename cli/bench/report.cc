#include "cli/bench/report.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

using google::protobuf::Struct;

// When this machine is so late itself, it says so.
constexpr absl::Duration kNoticeablyLate = absl::Milliseconds(5);

// Three digits are enough: "0ms", "0.042ms", "1.27ms", "120ms", "3.2s".
std::string LatencyText(absl::Duration latency) {
  const double ms = absl::ToDoubleMilliseconds(latency);
  if (ms == 0) return "0ms";
  if (ms >= 1000) return absl::StrFormat("%.1fs", ms / 1000);
  return absl::StrFormat("%.*fms", ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3, ms);
}

Colour ColourOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return Colour::kGreen;
    case Verdict::kSlow:
      return Colour::kYellow;
    case Verdict::kFailed:
      return Colour::kRed;
    case Verdict::kNothing:
      return Colour::kDim;
  }
  return Colour::kNone;
}

std::string FailuresText(const Tally& tally) {
  return absl::StrJoin(tally.failures(), ", ", [](std::string* out, const auto& failure) {
    absl::StrAppend(out, failure.second, " ", failure.first);
  });
}

std::vector<Cell> Row(const BenchLine& line) {
  const Percentiles p = line.tally.percentiles();
  const auto latency = [&](absl::Duration d) {
    return line.tally.done() == 0 ? std::string("-") : LatencyText(d);
  };
  return {line.title,
          absl::StrCat(line.per_second, "/s"),
          absl::StrCat(line.tally.done()),
          absl::StrCat(line.tally.failed()),
          latency(p.p50),
          latency(p.p90),
          latency(p.p99),
          latency(p.max),
          {VerdictText(line), ColourOf(VerdictOf(line))}};
}

// Microseconds are the last digits.
double Milliseconds(absl::Duration span) {
  return std::round(absl::ToDoubleMicroseconds(span)) / 1000;
}

google::protobuf::Value& Field(Struct& parent, const char* name) {
  return (*parent.mutable_fields())[name];
}
void Set(Struct& parent, const char* name, double number) {
  Field(parent, name).set_number_value(number);
}
void Set(Struct& parent, const char* name, uint64_t number) {
  Set(parent, name, static_cast<double>(number));
}
void Set(Struct& parent, const char* name, const std::string& text) {
  Field(parent, name).set_string_value(text);
}
void SetBool(Struct& parent, const char* name, bool is) { Field(parent, name).set_bool_value(is); }

void SetPercentiles(Struct& parent, const Percentiles& p) {
  Set(parent, "p50_ms", Milliseconds(p.p50));
  Set(parent, "p90_ms", Milliseconds(p.p90));
  Set(parent, "p99_ms", Milliseconds(p.p99));
  Set(parent, "max_ms", Milliseconds(p.max));
}

Struct LineMessage(const BenchLine& line) {
  Struct message;
  Set(message, "work", line.work);
  Set(message, "per_second", line.per_second);
  Set(message, "done", line.tally.done());
  Set(message, "failed", line.tally.failed());
  Struct& failures = *Field(message, "failures").mutable_struct_value();
  for (const auto& [why, count] : line.tally.failures()) Set(failures, why.c_str(), count);
  if (line.tally.done() > 0) SetPercentiles(message, line.tally.percentiles());
  Set(message, "good_p99_ms", Milliseconds(line.good));
  static constexpr const char* kWords[] = {"good", "slow", "failed", "nothing"};
  Set(message, "verdict", std::string(kWords[static_cast<int>(VerdictOf(line))]));
  return message;
}

}  // namespace

uint64_t BenchReport::calls() const {
  uint64_t sum = failed();
  for (const BenchLine& line : lines) sum += line.tally.done();
  return sum;
}

uint64_t BenchReport::failed() const {
  uint64_t sum = 0;
  for (const BenchLine& line : lines) sum += line.tally.failed();
  return sum;
}

Verdict VerdictOf(const BenchLine& line) {
  if (line.tally.failed() > 0) return Verdict::kFailed;
  if (line.tally.done() == 0) return Verdict::kNothing;
  return line.tally.percentiles().p99 <= line.good ? Verdict::kGood : Verdict::kSlow;
}

std::string VerdictText(const BenchLine& line) {
  switch (VerdictOf(line)) {
    case Verdict::kGood:
      return "good";
    case Verdict::kSlow:
      return absl::StrCat("slow: 1 in 100 took longer than ", SpanText(line.good));
    case Verdict::kFailed:
      return absl::StrCat("FAILED: ", FailuresText(line.tally));
    case Verdict::kNothing:
      return "nothing was measured";
  }
  return "";
}

std::string BenchText(const BenchReport& report, const Look& look) {
  Table table({"WORK",
               {"RATE", true},
               {"DONE", true},
               {"FAILED", true},
               {"P50", true},
               {"P90", true},
               {"P99", true},
               {"MAX", true},
               "VERDICT"});
  for (const BenchLine& line : report.lines) table.Add(Row(line));
  std::string text = table.Text(look.colours);
  if (report.interrupted) {
    absl::StrAppend(&text, "Interrupted after ", SpanText(report.took), ".\n");
  }
  if (report.late.p99 > kNoticeablyLate) {
    absl::StrAppend(&text, "This machine itself was late: 1 in 100 calls left ",
                    LatencyText(report.late.p99), " or more after their time, one ",
                    LatencyText(report.late.max), "; that is part of the latencies.\n");
  }
  return text;
}

Struct BenchMessage(const BenchReport& report) {
  Struct message;
  Set(message, "server", report.target.server);
  Set(message, "node_id", report.target.node);
  Set(message, "other_node_id", report.target.other_node);
  Set(message, "namespace", report.plan.ns);
  Set(message, "connections", uint64_t{report.plan.connections});
  Set(message, "seconds", Milliseconds(report.took) / 1000);
  SetBool(message, "interrupted", report.interrupted);
  SetBool(message, "ok", Outcome(report).ok());
  Set(message, "left_behind", report.left_behind);
  SetPercentiles(*Field(message, "sent_late").mutable_struct_value(), report.late);
  auto& works = *Field(message, "works").mutable_list_value();
  for (const BenchLine& line : report.lines) {
    *works.add_values()->mutable_struct_value() = LineMessage(line);
  }
  return message;
}

absl::Status Outcome(const BenchReport& report) {
  std::string trouble;
  if (report.failed() > 0) {
    trouble = absl::StrCat(report.failed(), " of ", Count(report.calls(), "call"),
                           " failed; see 'rollcall status' and the log of ",
                           report.target.node.empty() ? report.target.server : report.target.node);
  }
  if (report.left_behind > 0) {
    absl::StrAppend(&trouble, trouble.empty() ? "" : "; ", Count(report.left_behind, "session"),
                    " of namespace ", report.plan.ns, " could not be removed (",
                    report.why_left_behind, "); the registry ends them within ",
                    SpanText(report.plan.ttl));
  }
  return trouble.empty() ? absl::OkStatus() : absl::FailedPreconditionError(trouble);
}

std::string BenchProgress(absl::Duration passed, const Plan& plan, uint64_t calls,
                          uint64_t failed) {
  // What was registered last goes when its stay is over.
  return absl::StrCat(absl::ToInt64Seconds(passed), "s of ", SpanText(plan.time + plan.stay()),
                      ", ", Count(calls, "call"), ", ", failed == 0 ? "none" : absl::StrCat(failed),
                      " failed");
}

}  // namespace rollcall::cli
