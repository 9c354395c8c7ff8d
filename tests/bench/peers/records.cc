#include "tests/bench/peers/records.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {
namespace {

constexpr size_t kDigits = 20;

}  // namespace

std::string ServicePath(absl::string_view service) { return absl::StrCat(kRoot, "/", service); }

std::string InstancePath(absl::string_view service, absl::string_view id) {
  return absl::StrCat(kRoot, "/", service, "/", id);
}

std::vector<std::string> RegisteredPaths(uint64_t n, int instances) {
  const std::string service = absl::StrFormat("bench-%04d", n % kServices);
  std::vector<std::string> paths;
  paths.reserve(instances);
  for (int i = 0; i < instances; ++i) {
    paths.push_back(InstancePath(service, absl::StrFormat("instance-%08d-%03d", n, i)));
  }
  return paths;
}

std::vector<std::string> PathsOf(absl::string_view service, int instances) {
  std::vector<std::string> paths;
  paths.reserve(instances);
  for (int i = 0; i < instances; ++i) {
    paths.push_back(InstancePath(service, absl::StrCat(service, "-", i)));
  }
  return paths;
}

std::string CrowdPath(uint64_t n) {
  return InstancePath(absl::StrCat("crowd-", n % kServices), absl::StrCat("crowd-", n));
}

std::string DoomedPath(uint64_t n) {
  return InstancePath(absl::StrCat("doomed-", n % kDoomedServices), absl::StrCat("doomed-", n));
}

std::string Record(size_t bytes, uint64_t mark) {
  std::string record = absl::StrFormat("%020d", mark);
  if (bytes > record.size()) record.append(bytes - record.size(), 'v');
  return record;
}

uint64_t MarkIn(absl::string_view record) {
  uint64_t mark = 0;
  return absl::SimpleAtoi(record.substr(0, kDigits), &mark) ? mark : 0;
}

}  // namespace rollcall::bench
