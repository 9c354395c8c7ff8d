// RetryBudget: how many retries are allowed, so that they cannot multiply an overload.
//
// Every call pays in `share` of a retry, every retry takes one out; what was paid in expires after
// ten seconds, and `always_per_second` are allowed on top. The idea is Finagle's (RetryBudget).
//
// Pure; thread-compatible.
#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "rollcall/call.h"

namespace rollcall::sdk {

class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options) : options_(options) {}

  void OnCall(base::Instant now);
  // True if a retry may be made; it is then counted.
  bool TryRetry(base::Instant now);
  // It was not made after all.
  void Return(base::Instant now);

 private:
  static constexpr int kSeconds = 10;
  struct Slot {
    int64_t second = -1;
    double paid_in = 0;
    double taken = 0;
  };
  Slot& SlotFor(int64_t second);

  const RetryBudgetOptions options_;
  std::array<Slot, kSeconds> slots_;
};

}  // namespace rollcall::sdk
