#include "server/observe/log_limiter.h"

#include <algorithm>
#include <utility>

namespace rollcall::observe {

std::optional<uint64_t> LogLimiter::Admit(absl::string_view key, base::Instant now) {
  base::MutexLock lock(mu_);
  const auto at = entries_.find(key);
  if (at == entries_.end()) {
    if (entries_.size() >= kMaxKeys) ForgetOldest();
    entries_.emplace(std::string(key), Entry{now});
    return 0;
  }
  Entry& entry = at->second;
  if (now - entry.spoke < interval_) {
    ++entry.left_out;
    return std::nullopt;
  }
  entry.spoke = now;
  return std::exchange(entry.left_out, 0);
}

void LogLimiter::ForgetOldest() {
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.spoke < b.second.spoke; }));
}

}  // namespace rollcall::observe
