// CallTraffic: the calls that callers make: some of the processes that watch a service call it
// several times a second, through the SDK's Caller, which lives as long as the process. What an
// attempt comes to depends on the process that it goes to: it answers, refuses, or is silent.
//
// Draws from a generator of its own, and touches nothing but callers: all else goes the way it
// would go without. Belongs to the simulator's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client-sdk/base/random.h"
#include "rollcall/call.h"
#include "tests/sim/world/process.h"

namespace rollcall::sim {

class World;

// One call, as far as it has come.
struct MadeCall {
  struct Try {
    InstancePtr instance;
    base::Instant began;
    // What the one who was called made of it; nullopt: no answer yet.
    std::optional<absl::Status> answer;
  };

  const Process& caller;
  base::Instant began;
  // The caller ran all the time, if this is still the same at the end.
  int stops;
  std::vector<Try> tries;
  // At its end.
  absl::Status outcome;
};

class CallTraffic {
 public:
  CallTraffic(World& world, uint64_t seed) : world_(world), random_(seed) {}

  void Begin() { Again(); }

 private:
  // So many processes call at one time; others after a while.
  static constexpr size_t kBusy = 4;
  static constexpr int kTurns = 40;
  static constexpr absl::Duration kEvery = absl::Milliseconds(500);
  static constexpr int kCallsEach = 3;

  void Again();
  void Choose();
  void Call(const Process& caller);
  void Try(const std::shared_ptr<MadeCall>& call, const Attempt& attempt, Caller::Done done);
  // Nullopt: nothing comes back.
  std::optional<absl::Status> AnswerOf(const Process& caller, const Instance& called);
  const Process* At(const std::string& service, const Instance& called);
  // What travels on the network takes so long.
  absl::Duration Way();

  World& world_;
  base::SeededRandom random_;
  std::vector<const Process*> busy_;
  int turns_ = 0;
};

}  // namespace rollcall::sim
