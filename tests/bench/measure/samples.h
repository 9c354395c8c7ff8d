// Samples: one figure of one side, once for each repetition.
#pragma once

#include <string>
#include <vector>

namespace rollcall::bench {

class Samples {
 public:
  void Add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  const std::vector<double>& values() const { return values_; }

  // Of an even number of values the mean of the middle two. At least one must have been added.
  double median() const;
  double min() const;
  double max() const;
  // How far apart minimum and maximum are, as a share of the median; 0 if that is 0.
  double spread() const;

 private:
  std::vector<double> values_;
};

// Three significant digits, with a thin space between thousands: "38 200", "4.07", "0.0123".
std::string Number(double value);
// "38 200 [36 100–39 800]"; one repetition: "38 200".
std::string MedianAndRange(const Samples& samples);

}  // namespace rollcall::bench
