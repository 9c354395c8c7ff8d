// What a run of the bench found: plain data that works fill, targets are held against, and reports
// are made of.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/measure/histogram.h"
#include "tests/bench/measure/samples.h"

namespace rollcall::bench {

// What is measured of each side. The name is its identity within a work.
struct Figure {
  std::string name;  // "rate"
  std::string unit;  // "/s"
};

// The sides that are always there; peers bring their own names.
inline constexpr char kOurs[] = "rollcall";
inline constexpr char kLimit[] = "limit";
// What a work computed as the bound of a figure, for targets that are sums.
inline constexpr char kBound[] = "bound";

struct WorkResult {
  std::string name;
  std::string title;
  std::vector<std::string> sides;  // in the order of the columns
  std::vector<Figure> figures;
  std::map<std::string, std::map<std::string, Samples>> values;  // by figure, by side
  std::map<std::string, Histogram> latencies;                    // by side, or side and what
  std::vector<std::string> notes;
  std::string failure;  // not empty: the work could not be done, and why
  absl::Duration took;

  void Record(const std::string& side, const Figure& figure, double value);
  // Null if this side has no such figure.
  const Samples* Find(const std::string& figure, const std::string& side) const;
};

// The machine, and what else went on there.
struct MachineFacts {
  std::string processor;
  std::string kernel;
  int cores = 0;
  double load_before = 0;               // load average of the last minute
  double others_before = 0;             // cores that others used in the second before the run
  double stolen = 0;                    // share of the run that the hypervisor took
  std::string at;                       // when, by UTC
  std::string build;                    // the bench's own build type
  std::vector<std::string> complaints;  // why the figures deserve less trust
};

// What figure, of ours, must be how large beside what.
struct Target {
  enum class Relation { kAtLeast, kAtMost };

  std::string figure;
  Relation relation;
  double factor;
  std::string side;     // times this side's median; empty: the factor is the bound itself
  std::string because;  // more words, if needed
};
Target AtLeast(std::string figure, double factor, std::string side = "", std::string because = "");
Target AtMost(std::string figure, double factor, std::string side = "", std::string because = "");

struct Verdict {
  std::string text;            // "rate ≥ 0.6 × limit"
  std::optional<double> seen;  // nullopt: not measured in this run
  bool reached = false;
};
// Of targets against sides that this work did not meet, nothing is said.
std::vector<Verdict> Judge(const WorkResult& result, const std::vector<Target>& targets);

struct WorkReport {
  WorkResult result;
  std::vector<Verdict> verdicts;
};

struct RunReport {
  MachineFacts machine;
  std::string effort;  // "quick", "normal", "full"
  std::vector<WorkReport> works;
};

}  // namespace rollcall::bench
