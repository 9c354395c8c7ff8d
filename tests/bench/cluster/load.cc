#include "tests/bench/cluster/load.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace rollcall::bench {
namespace {

class Loop {
 public:
  Loop(const Operation& operation, absl::Time end, uint64_t first)
      : operation_(operation), end_(end), next_(first) {}

  LoadResult Run(int callers) {
    running_ = callers;
    for (int i = 0; i < callers; ++i) Begin();
    void* tag = nullptr;
    bool ok = false;
    while (running_ > 0 && queue_.Next(&tag, &ok)) static_cast<Tag*>(tag)->Done();
    queue_.Shutdown();
    while (queue_.Next(&tag, &ok)) {
    }
    return std::move(result_);
  }

 private:
  void Begin() {
    if (absl::Now() >= end_) {
      --running_;
      return;
    }
    operation_(next_++, queue_, [this](std::string error) { Ended(std::move(error)); });
  }
  void Ended(std::string error) {
    if (error.empty()) {
      ++result_.done;
    } else {
      ++result_.failed;
      if (result_.first_error.empty()) result_.first_error = std::move(error);
    }
    Begin();
  }

  const Operation& operation_;
  const absl::Time end_;
  grpc::CompletionQueue queue_;
  uint64_t next_;
  int running_ = 0;
  LoadResult result_;
};

// Name and processor time, as a stat file of /proc has them.
std::pair<std::string, absl::Duration> CpuIn(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The name may hold anything; what follows its last bracket does not.
  const size_t begin = text.find('(');
  const size_t end = text.rfind(')');
  if (end == std::string::npos) return {};  // It has ended.
  std::istringstream rest(text.substr(end + 2));
  std::string field;
  int64_t ticks = 0;
  for (int i = 3; i <= 15 && rest >> field; ++i) {
    if (i >= 14) ticks += std::stoll(field);
  }
  return {text.substr(begin + 1, end - begin - 1), absl::Seconds(1) * ticks / sysconf(_SC_CLK_TCK)};
}

}  // namespace

LoadResult RunLoad(int callers, absl::Duration time, uint64_t first, const Operation& operation) {
  const absl::Time begun = absl::Now();
  LoadResult result = Loop(operation, begun + time, first).Run(callers);
  result.took = absl::Now() - begun;
  return result;
}

absl::Duration CpuOf(int pid) { return CpuIn(absl::StrCat("/proc/", pid, "/stat")).second; }

std::map<std::string, absl::Duration> CpuByThread(int pid) {
  std::map<std::string, absl::Duration> by_name;
  for (const auto& task :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"))) {
    const auto [name, cpu] = CpuIn((task.path() / "stat").string());
    by_name[name] += cpu;
  }
  return by_name;
}

}  // namespace rollcall::bench
