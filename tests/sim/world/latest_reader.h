// LatestReader: asks for the newest of an instance and of its service's overrides: now and then of
// any, and soon after each change of what was changed, at any node that serves. What it is answered
// is told to the oracles.
//
// Draws from a generator of its own. Does nothing until it is begun. Belongs to the simulator's
// thread.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "client-sdk/base/random.h"
#include "tests/sim/oracles/truth.h"

namespace rollcall::sim {

class SimClusterNode;
class World;

class LatestReader {
 public:
  LatestReader(World& world, uint64_t seed) : world_(world), random_(seed) {}

  void Begin(absl::Duration every);
  void OnChange(const TruthChange& change);

 private:
  // Reads after a change that wait for their time; those of more changes are left out.
  static constexpr int kMostWaiting = 20;

  void Again();
  void Read(const std::string& service, const std::string& id);
  // nullptr: there is none.
  SimClusterNode* AnyNode();
  absl::Duration Soon();

  World& world_;
  base::SeededRandom random_;
  absl::Duration every_ = absl::ZeroDuration();
  int waiting_ = 0;
};

}  // namespace rollcall::sim
