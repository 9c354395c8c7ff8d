// LogLimiter: lets a repeated warning through once per interval, with the number left out.
//
//   if (auto skipped = limiter.Admit("disk full", clock.Steady())) {
//     log.Warning("disk full", {{"left_out", *skipped}});
//   }
//
// Remembers at most kMaxKeys keys; beyond that the one that spoke longest ago is forgotten (and may
// speak again early). Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::observe {

class LogLimiter {
 public:
  static constexpr size_t kMaxKeys = 1024;

  explicit LogLimiter(absl::Duration interval) : interval_(interval) {}

  // The number of lines left out for `key` since it last spoke, or nullopt to stay quiet.
  std::optional<uint64_t> Admit(absl::string_view key, base::Instant now);

 private:
  struct Entry {
    base::Instant spoke;
    uint64_t left_out = 0;
  };
  void ForgetOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const absl::Duration interval_;
  base::Mutex mu_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::observe
