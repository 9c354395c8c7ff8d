// CallStats: how many requests ended how, by method and code. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace rollcall::rpc {

enum class Method {
  kRegister,
  kDeregister,
  kKeepAlive,
  kResolve,
  kListServices,
  kGetInstance,
  kWatch,
  kSetOverride,
  kClearOverride,
  kListOverrides,
  kRemoveInstance,
  kGetDrainStatus,
  kGetService,
  kPutService,
  kDeleteService,
  kGetHistory,
  kExplain,
  kListInstances,
  kListBrakes,
  kReleaseBrake,
  kGetStatus,
  kListNodes,
  kBackup,
  kCount,
};

// As in the protos.
const char* MethodName(Method method);

class CallStats {
 public:
  static constexpr size_t kCodes = 17;

  void Count(Method method, absl::StatusCode code) {
    counts_[static_cast<size_t>(method)][static_cast<size_t>(code) % kCodes].fetch_add(
        1, std::memory_order_relaxed);
  }
  uint64_t Get(Method method, absl::StatusCode code) const {
    return counts_[static_cast<size_t>(method)][static_cast<size_t>(code) % kCodes].load(
        std::memory_order_relaxed);
  }

 private:
  std::array<std::array<std::atomic<uint64_t>, kCodes>, static_cast<size_t>(Method::kCount)>
      counts_{};
};

}  // namespace rollcall::rpc
