#include "tests/bench/measure/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace rollcall::bench {
namespace {

constexpr double kQuietOthers = 0.15;  // of all cores
constexpr double kQuietStolen = 0.02;

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) {
      return std::string(absl::StripAsciiWhitespace(line.substr(line.find(':') + 1)));
    }
  }
  return "unknown";
}

}  // namespace

MachineTime ReadMachineTime() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  file >> cpu;
  std::vector<double> ticks;
  // user nice system idle iowait irq softirq steal
  for (double value = 0; ticks.size() < 8 && file >> value;) ticks.push_back(value);
  ticks.resize(8);
  MachineTime time;
  for (const double value : ticks) time.all += value;
  time.stolen = ticks[7];
  time.busy = time.all - ticks[3] - ticks[4] - time.stolen;
  return time;
}

double CoresBusy(const MachineTime& before, const MachineTime& after, int cores) {
  const double all = after.all - before.all;
  return all <= 0 ? 0 : cores * (after.busy - before.busy) / all;
}

double ShareStolen(const MachineTime& before, const MachineTime& after) {
  const double all = after.all - before.all;
  return all <= 0 ? 0 : (after.stolen - before.stolen) / all;
}

MachineFacts LookAtMachine() {
  MachineFacts facts;
  facts.processor = ProcessorName();
  utsname name{};
  if (uname(&name) == 0) facts.kernel = absl::StrCat(name.sysname, " ", name.release);
  facts.cores = static_cast<int>(std::thread::hardware_concurrency());
  std::ifstream("/proc/loadavg") >> facts.load_before;
  facts.at = absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::Now(), absl::UTCTimeZone());
#ifdef NDEBUG
  facts.build = "release";
#else
  facts.build = "not a release build";
#endif
  return facts;
}

void Complain(RunReport& report) {
  MachineFacts& machine = report.machine;
  std::vector<std::string>& complaints = machine.complaints;
  if (machine.others_before > kQuietOthers * machine.cores) {
    complaints.push_back(absl::StrFormat(
        "others used %.1f of %d cores before the run: rates and times by the clock are theirs too",
        machine.others_before, machine.cores));
  }
  if (machine.load_before > machine.cores) {
    complaints.push_back(absl::StrFormat("the load average was %.1f before the run, with %d cores",
                                         machine.load_before, machine.cores));
  }
  if (machine.stolen > kQuietStolen) {
    complaints.push_back(
        absl::StrFormat("the hypervisor took %.0f %% of the time", 100 * machine.stolen));
  }
  if (machine.build != "release") complaints.push_back("this is " + machine.build);
  int loud = 0;
  int all = 0;
  for (const WorkReport& work : report.works) {
    for (const auto& [figure, by_side] : work.result.values) {
      for (const auto& [side, samples] : by_side) {
        ++all;
        if (samples.spread() > kLoudSpread) ++loud;
      }
    }
  }
  if (loud > 0) {
    complaints.push_back(absl::StrFormat(
        "%d of %d figures spread over more than 25 %% of their median: they are marked ~", loud,
        all));
  }
}

}  // namespace rollcall::bench
