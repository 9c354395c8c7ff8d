#include "tests/bench/measure/samples.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {
namespace {

constexpr char kThousands[] = "\u202f";  // a narrow space that does not break

}  // namespace

double Samples::median() const {
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Samples::min() const { return *std::min_element(values_.begin(), values_.end()); }
double Samples::max() const { return *std::max_element(values_.begin(), values_.end()); }

double Samples::spread() const {
  const double middle = median();
  return middle == 0 ? 0 : (max() - min()) / std::abs(middle);
}

std::string Number(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size < 1000) {
    const int digits = std::max(0, 2 - static_cast<int>(std::floor(std::log10(size) + 1e-9)));
    return absl::StrFormat("%.*f", std::min(digits, 6), value);
  }
  const double unit = std::pow(10, std::floor(std::log10(size)) - 2);
  std::string digits = absl::StrFormat("%.0f", std::round(size / unit) * unit);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, kThousands);
  return absl::StrCat(value < 0 ? "-" : "", digits);
}

std::string MedianAndRange(const Samples& samples) {
  const std::string middle = Number(samples.median());
  if (samples.values().size() < 2) return middle;
  return absl::StrCat(middle, " [", Number(samples.min()), "–", Number(samples.max()), "]");
}

}  // namespace rollcall::bench
