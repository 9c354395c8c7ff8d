#include "server/observe/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace rollcall::observe {
namespace {

// The fields of /proc/self/stat from the third on; the second, the name, may hold anything.
std::optional<std::istringstream> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  return std::istringstream(line.substr(name_end + 1));
}

std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double value = 0;
    if (word == "btime" && file >> value) return value;
  }
  return std::nullopt;
}

// proc(5): utime is field 14, stime 15, starttime 22, rss 24.
void ReadStat(Reading& reading) {
  auto fields = StatFields();
  if (!fields) return;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  double cpu = 0;
  std::string field;
  for (int number = 3; number <= 24 && *fields >> field; ++number) {
    if (number == 14 || number == 15) cpu += std::stod(field) / ticks;
    if (number == 22) {
      if (const auto boot = BootTime()) {
        reading.Set(Metric::kProcessStartTime, *boot + std::stod(field) / ticks);
      }
    }
    if (number == 24) {
      reading.Set(Metric::kProcessResidentMemory,
                  std::stod(field) * static_cast<double>(sysconf(_SC_PAGESIZE)));
    }
  }
  reading.Set(Metric::kProcessCpu, cpu);
}

void ReadDescriptors(Reading& reading) {
  std::error_code error;
  double open = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++open;
  }
  if (!error) reading.Set(Metric::kProcessOpenFds, open);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    reading.Set(Metric::kProcessMaxFds, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

void ReadProcess(Reading& reading) {
  ReadStat(reading);
  ReadDescriptors(reading);
}

}  // namespace rollcall::observe
