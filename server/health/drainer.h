// Drainer: sends the clients of this node elsewhere before it stops.
//
// Every stream is told once, at a random moment within the first three quarters of the given time,
// so that the other nodes are not stormed; at the end, or when the last client has gone, what is
// still open is closed with UNAVAILABLE. Nobody becomes suspect by that.
//
// Belongs to the health executor.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/health/session_book.h"

namespace rollcall::health {

class Drainer {
 public:
  using Done = std::function<void()>;

  Drainer(base::Executor& executor, const base::Clock& clock, base::Random& random,
          SessionBook& book, HealthTally& tally)
      : executor_(executor), clock_(clock), random_(random), book_(book), tally_(tally) {}

  // Once. `servers` are told to the clients; empty: any other that they know.
  void Start(absl::Duration over, std::vector<std::string> servers, Done done);
  // Ends it early if nobody is connected; to be called once per tick.
  void Look();
  bool started() const { return done_ != nullptr || finished_; }

 private:
  void Tell(uint64_t number);
  void Finish();

  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  SessionBook& book_;
  HealthTally& tally_;

  base::Instant end_;
  std::vector<std::string> servers_;
  Done done_;
  bool finished_ = false;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::health
