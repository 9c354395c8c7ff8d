// What several works measure in the same way.
#pragma once

#include <memory>

#include "tests/bench/load/calls.h"
#include "tests/bench/measure/usage.h"
#include "tests/bench/works/run.h"

namespace rollcall::bench {

// Figures that several works have.
inline const Figure kRate = {"rate", "/s"};
inline const Figure kServerCpu = {"server CPU", "µs"};
inline const Figure kDeliveryCpu = {"server CPU per delivery", "µs"};
inline const Figure kLoadCpu = {"load CPU", "µs"};
inline const Figure kMedian = {"p50", "ms"};
inline const Figure kTail = {"p99", "ms"};

// What watch streams are spread over.
inline constexpr int kWatchConnections = 100;

// The processor time of a side's servers, and of the load, from here on.
class Meter {
 public:
  explicit Meter(const Side& side);
  // As microseconds for each of `count`; the load's only if `and_load`.
  void Record(const Recorder& recorder, double count, bool and_load = true) const;

 private:
  const Usage servers_;
  const Usage load_;
};

struct CallsPlan {
  int outstanding = 1;
  absl::Duration time;
  // How many of what is counted one call does.
  double each = 1;
  // For latencies at a rate that leaves room; 0: none are measured.
  double steady_rate = 0;
};

// A turn that calls as fast as `outstanding` allows, then at the steady rate. Null without caller.
Run::Turn CallsTurn(Run& run, Side& side, std::unique_ptr<Caller> caller, const CallsPlan& plan);

// The limit of the disk, as a column "disk": groups of so many records, each written as one.
void RecordCommits(Run& run, int records, size_t bytes);

void NoteFailures(const Recorder& recorder, const CallsResult& result);

// Waits until the servers' memory has not changed by more than 1 % for two seconds; bytes.
double SettledMemory(Loop& loop, const Side& side);

}  // namespace rollcall::bench
