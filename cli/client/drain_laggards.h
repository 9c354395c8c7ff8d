// DrainLaggards: the watchers that a drain waits for, from one answer of the registry to the next.
//
// A watcher that leaves the answer has applied the drain, or its connection was cut and nobody
// knows; it is taken as applied only if the count of those who did has grown by then. An answer
// that lacks nodes says nothing of either. Pure; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

class DrainLaggards {
 public:
  void See(const v1::GetDrainStatusResponse& status);
  // Those that went without having applied it, and that no later answer named again.
  std::vector<v1::DrainWatcher> CutOff() const;

 private:
  // By client name and peer.
  using Watchers = std::map<std::pair<std::string, std::string>, v1::DrainWatcher>;

  Watchers waited_for_;
  Watchers cut_off_;
  uint32_t applied_ = 0;
};

}  // namespace rollcall::cli
