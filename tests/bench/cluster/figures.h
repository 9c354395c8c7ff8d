// Figures: what one kind of operation took, over its repetitions: how many a second, and how much
// processor time each, by process. Medians, with minimum and maximum in brackets.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/cluster/load.h"

namespace rollcall::bench {

class Figures {
 public:
  // `servers`: the processes that serve the operation, as groups whose time is added up.
  using Group = std::vector<int>;
  using Groups = std::vector<Group>;
  explicit Figures(Groups servers, bool threads = false);

  // Runs it once more. True if no operation failed.
  bool Measure(int callers, absl::Duration time, uint64_t& next, const Operation& operation);

  double rate() const { return Median(rate_); }
  double server_us(size_t group) const { return Median(server_us_[group]); }
  std::string RateText() const { return Text(rate_); }
  std::string ServerText(size_t group) const { return Text(server_us_[group]); }
  std::string LoadText() const { return Text(load_us_); }
  // Microseconds per operation of each thread of the first group, in the last repetition.
  std::string ThreadsText() const;

 private:
  static double Median(std::vector<double> values);
  static std::string Text(const std::vector<double>& values);
  std::vector<absl::Duration> ServerCpu() const;

  Groups servers_;
  bool threads_;
  std::vector<double> rate_;
  std::vector<double> load_us_;
  std::vector<std::vector<double>> server_us_;
  std::map<std::string, double> thread_us_;
};

}  // namespace rollcall::bench
