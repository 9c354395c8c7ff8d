// Tally: what came of the calls of one kind: how long each took, and what failed, by code.
//
// Every latency is kept, so percentiles are exact: the smallest of the values that so many of all
// do not exceed. Pure; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace rollcall::cli {

struct Percentiles {
  absl::Duration p50;
  absl::Duration p90;
  absl::Duration p99;
  absl::Duration max;
};
// All zero if there are none.
Percentiles PercentilesOf(std::vector<absl::Duration> values);

class Tally {
 public:
  void Took(absl::Duration latency) { latencies_.push_back(latency); }
  // Why, as it is counted: "UNAVAILABLE".
  void Failed(absl::string_view why) { ++failures_[std::string(why)]; }
  // Took, or failed by the status's code.
  void Ended(const absl::Status& status, absl::Duration latency);

  uint64_t done() const { return latencies_.size(); }
  uint64_t failed() const;
  const std::map<std::string, uint64_t>& failures() const { return failures_; }
  Percentiles percentiles() const { return PercentilesOf(latencies_); }

 private:
  std::vector<absl::Duration> latencies_;
  std::map<std::string, uint64_t> failures_;
};

}  // namespace rollcall::cli
