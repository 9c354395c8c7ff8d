// Report: what `rollcall bench` saw, its verdicts, and how it reads.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/bench/plan.h"
#include "cli/bench/tally.h"
#include "cli/print/look.h"
#include "google/protobuf/struct.pb.h"

namespace rollcall::cli {

// What 99 of 100 calls take at most where nothing is in the way: a store that syncs each group of
// writes, a network of one data centre, this rate.
inline constexpr absl::Duration kGoodWrite = absl::Milliseconds(50);
inline constexpr absl::Duration kGoodRead = absl::Milliseconds(20);
inline constexpr absl::Duration kGoodDelivery = absl::Milliseconds(50);
inline constexpr absl::Duration kGoodDeliveryElsewhere = absl::Milliseconds(100);

enum class Verdict { kGood, kSlow, kFailed, kNothing };

// One kind of call.
struct BenchLine {
  // "watch_other_node": for scripts.
  std::string work;
  // For people.
  std::string title;
  uint64_t per_second = 0;
  absl::Duration good;
  Tally tally;
};

struct BenchReport {
  Plan plan;
  Target target;
  absl::Duration took;
  bool interrupted = false;
  std::vector<BenchLine> lines;
  // How long after their time calls left this machine.
  Percentiles late;
  // Sessions that could not be removed; they end with their TTL.
  uint64_t left_behind = 0;
  std::string why_left_behind;

  uint64_t calls() const;
  uint64_t failed() const;
};

Verdict VerdictOf(const BenchLine& line);
// "good", "slow: 1 in 100 took longer than 50ms", "FAILED: 3 UNAVAILABLE".
std::string VerdictText(const BenchLine& line);
std::string BenchText(const BenchReport& report, const Look& look);
// Latencies are numbers of milliseconds.
google::protobuf::Struct BenchMessage(const BenchReport& report);
// OK if all went well, otherwise what did not, in one line.
absl::Status Outcome(const BenchReport& report);
// How far it is: "4s of 12s, 1810 calls, none failed".
std::string BenchProgress(absl::Duration passed, const Plan& plan, uint64_t calls, uint64_t failed);

}  // namespace rollcall::cli
