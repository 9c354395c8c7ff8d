// Deadlines: tells which of many numbered things have come to their deadline.
//
// Nearly all are over long before theirs, so giving one up costs nothing: what is over is passed by
// when its turn comes, or swept out when most are. One timer of the executor serves all. (A timer
// for each command, set and cancelled, took 3 % of the core's time per registration.)
//
// Lives on one executor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"

namespace rollcall::committer {

class Deadlines {
 public:
  using Id = uint64_t;
  // `waits` says whether one still waits for its deadline; `due` is told of one that does, at it or
  // soon after, in order of deadline and number.
  Deadlines(base::Executor& executor, const base::Clock& clock, std::function<bool(Id)> waits,
            std::function<void(Id)> due);

  // An infinite deadline never comes.
  void Add(base::Instant deadline, Id id);

 private:
  using Entry = std::pair<base::Instant, Id>;
  static constexpr size_t kSweepFrom = 1024;

  // Drops those that are over.
  void Sweep();
  void DropOverAtFront();
  void Arm();
  void OnTimer();

  base::Executor& executor_;
  const base::Clock& clock_;
  const std::function<bool(Id)> waits_;
  const std::function<void(Id)> due_;
  // A heap, the earliest in front.
  std::vector<Entry> heap_;
  size_t sweep_at_ = kSweepFrom;
  // Never later than what waits in front.
  std::optional<base::Instant> armed_for_;
  base::Executor::TimerId timer_{};
};

}  // namespace rollcall::committer
