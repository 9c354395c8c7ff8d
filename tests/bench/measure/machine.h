// What the machine is, and how quiet it is: what a reader must know before he believes a figure.
#pragma once

#include <cstdint>

#include "tests/bench/measure/results.h"

namespace rollcall::bench {

// Processor time of the whole machine since it started, in hundredths of a second.
struct MachineTime {
  double busy = 0;
  double stolen = 0;
  double all = 0;
};
MachineTime ReadMachineTime();
// Cores in use between two readings; and the share that the hypervisor took.
double CoresBusy(const MachineTime& before, const MachineTime& after, int cores);
double ShareStolen(const MachineTime& before, const MachineTime& after);

// Of /proc, now; `others_before` and `stolen` are the caller's to fill in.
MachineFacts LookAtMachine();

// A machine that is in use, or a hypervisor that takes part of it, is complained of; so are figures
// whose repetitions are more than 25 % apart.
inline constexpr double kLoudSpread = 0.25;
void Complain(RunReport& report);

}  // namespace rollcall::bench
