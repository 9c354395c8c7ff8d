// Registrations: instances that come and go again, and how long the registry took for either.
//
// Thread-compatible.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/bench/queue.h"
#include "cli/bench/sessions.h"
#include "cli/bench/tally.h"

namespace rollcall::cli {

class Registrations {
 public:
  static constexpr char kService[] = "changing";
  // `acknowledged` hears of each instance that was registered, by its id.
  using Acknowledged = std::function<void(const std::string& id, base::Instant at)>;

  Registrations(Queue& queue, Sessions& sessions, Acknowledged acknowledged)
      : queue_(queue), sessions_(sessions), acknowledged_(std::move(acknowledged)) {}

  // One more.
  void Register(base::Instant intended);
  // The oldest one that is there. One that is still being registered goes as soon as it is; one
  // that failed is left to Sessions::EndAll.
  void Deregister(base::Instant intended);

  Tally& registered() { return registered_; }
  Tally& deregistered() { return deregistered_; }

 private:
  enum class State { kAsked, kToGo, kThere, kFailed };
  struct Instance {
    uint64_t session;
    State state = State::kAsked;
  };

  void Answered(uint64_t i, base::Instant intended, const absl::Status& status);
  void End(uint64_t session, base::Instant intended);

  Queue& queue_;
  Sessions& sessions_;
  const Acknowledged acknowledged_;
  std::vector<Instance> instances_;
  uint64_t gone_ = 0;
  Tally registered_;
  Tally deregistered_;
};

}  // namespace rollcall::cli
