#include "tests/bench/cluster/figures.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {

Figures::Figures(Groups servers, bool threads)
    : servers_(std::move(servers)), threads_(threads), server_us_(servers_.size()) {}

std::vector<absl::Duration> Figures::ServerCpu() const {
  std::vector<absl::Duration> used;
  for (const Group& group : servers_) {
    absl::Duration sum;
    for (const int pid : group) sum += CpuOf(pid);
    used.push_back(sum);
  }
  return used;
}

bool Figures::Measure(int callers, absl::Duration time, uint64_t& next,
                      const Operation& operation) {
  std::map<std::string, absl::Duration> threads;
  if (threads_) threads = CpuByThread(servers_.front().front());
  const std::vector<absl::Duration> before = ServerCpu();
  const absl::Duration load_before = CpuOf(getpid());
  const LoadResult result = RunLoad(callers, time, next, operation);
  next += result.done + result.failed;
  const double done = std::max<double>(1, static_cast<double>(result.done));
  rate_.push_back(result.per_second());
  load_us_.push_back(absl::ToDoubleMicroseconds(CpuOf(getpid()) - load_before) / done);
  const std::vector<absl::Duration> after = ServerCpu();
  for (size_t i = 0; i < after.size(); ++i) {
    server_us_[i].push_back(absl::ToDoubleMicroseconds(after[i] - before[i]) / done);
  }
  if (threads_) {
    for (const auto& [name, used] : CpuByThread(servers_.front().front())) {
      thread_us_[name] = absl::ToDoubleMicroseconds(used - threads[name]) / done;
    }
  }
  if (result.failed == 0) return true;
  std::fprintf(stderr, "%lu of %lu failed: %s\n", static_cast<unsigned long>(result.failed),
               static_cast<unsigned long>(result.done + result.failed), result.first_error.c_str());
  return false;
}

std::string Figures::ThreadsText() const {
  std::string text;
  for (const auto& [name, us] : thread_us_) {
    if (us >= 0.5) absl::StrAppendFormat(&text, "%s %.1f  ", name, us);
  }
  return text;
}

double Figures::Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Figures::Text(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return absl::StrFormat("%.0f [%.0f–%.0f]", Median(values), *least, *most);
}

}  // namespace rollcall::bench
