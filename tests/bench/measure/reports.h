// A run of the bench, told: for a terminal, for programs, for a browser. Pure.
#pragma once

#include <string>

#include "tests/bench/measure/results.h"

namespace rollcall::bench {

// The machine, what there is to complain of, and which targets were reached; all works.
std::string HeadText(const MachineFacts& machine, const std::string& effort);
// One work as a table with its verdicts.
std::string WorkText(const WorkReport& report);
// Every verdict in one line each, and the complaints.
std::string SummaryText(const RunReport& report);

// Everything: each repetition's value, latencies as percentiles.
std::string Json(const RunReport& report);

// One page that needs nothing else, drawings included; opens without a network.
std::string Html(const RunReport& report);

}  // namespace rollcall::bench
