// Run: what a work is handed: the sides, how much effort it may make, and where its results go.
//
// The order of a measurement is the same in nearly all works: each side that can is made, warmed
// up, and then they are measured in turn, so that whatever changes on the machine hits all of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/load/loop.h"
#include "tests/bench/measure/results.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

enum class Effort { kQuick, kNormal, kFull };

// Notes one repetition of one side; of a warm-up nothing.
class Recorder {
 public:
  Recorder(WorkResult* result, std::string side) : result_(result), side_(std::move(side)) {}

  bool warming_up() const { return result_ == nullptr; }
  const std::string& side() const { return side_; }
  void Record(const Figure& figure, double value) const;
  // Added up over the repetitions. `what` distinguishes several of one side.
  void Latencies(const Histogram& latencies, const std::string& what = "") const;
  void Note(const std::string& note) const;

 private:
  WorkResult* const result_;
  const std::string side_;
};

class Run {
 public:
  Run(Loop& loop, const std::vector<SideMaker>& sides, Effort effort, int repetitions,
      WorkResult& result)
      : loop_(loop), sides_(sides), effort_(effort), repetitions_(repetitions), result_(result) {}

  Loop& loop() { return loop_; }
  int repetitions() const { return repetitions_; }
  Effort effort() const { return effort_; }
  // By the effort.
  template <typename T>
  T Pick(T quick, T normal, T full) const {
    return effort_ == Effort::kQuick ? quick : effort_ == Effort::kNormal ? normal : full;
  }
  WorkResult& result() { return result_; }

  // Measures once, and records.
  using Turn = std::function<void(const Recorder&)>;
  // `prepare` gives a side's turn, null if it cannot. All sides live until the end; `repetitions`
  // 0: those of the run. What a turn throws ends the work, and is told.
  void Alternate(const std::function<Turn(Side&)>& prepare, int repetitions = 0,
                 bool warm_up = true);
  // The same, but each side is measured and ended before the next is made: for works in which one
  // that does not keep up takes so much of the load that others' connections would be given up.
  void OneByOne(const std::function<Turn(Side&)>& prepare);
  // Null if the run has no side of this name.
  std::unique_ptr<Side> Make(const std::string& name);
  // The same for sides that a work made by itself, under columns of its own.
  struct Contestant {
    std::string column;
    std::unique_ptr<Side> side;
    Turn turn;
  };
  void Measure(std::vector<Contestant>& contestants, int repetitions = 0, bool warm_up = true);

 private:
  // Adds the side if it can.
  void Prepare(const SideMaker& maker, const std::function<Turn(Side&)>& prepare,
               std::vector<Contestant>& contestants);

  Loop& loop_;
  const std::vector<SideMaker>& sides_;
  const Effort effort_;
  const int repetitions_;
  WorkResult& result_;
};

// One row of the table in issue and documentation.
struct Work {
  std::string name;   // for --only
  std::string title;  // what is done, with its sizes
  std::vector<Target> targets;
  std::function<void(Run&)> run;
};

}  // namespace rollcall::bench
