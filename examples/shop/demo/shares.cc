#include "examples/shop/demo/shares.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "examples/shop/demo/plan.h"

namespace shop::demo {
namespace {

double ShareOf(const Shares& shares, const std::string& id) {
  const auto found = shares.find(id);
  return found == shares.end() ? 0 : found->second;
}

Shares OfAll(Shares amounts) {
  double all = 0;
  for (const auto& [id, amount] : amounts) all += amount;
  for (auto& [id, amount] : amounts) amount /= all;
  return amounts;
}

}  // namespace

Shares SharesBetween(const GatewayStats& before, const GatewayStats& after,
                     const std::string& service) {
  Shares served;
  const auto& earlier = before.at(service);
  for (const auto& [id, stats] : after.at(service)) {
    const auto row = earlier.find(id);
    const uint64_t calls = stats.served - (row == earlier.end() ? 0 : row->second.served);
    if (calls > 0) served[id] = static_cast<double>(calls);
  }
  return OfAll(std::move(served));
}

Shares ExpectedShares(const std::vector<std::string>& present) {
  Shares weights;
  for (const std::string& id : present) weights[id] = PlanOf(id).weight;
  return OfAll(std::move(weights));
}

double LargestGap(const Shares& seen, const Shares& expected) {
  double gap = 0;
  for (const auto& [id, share] : expected) gap = std::max(gap, std::abs(share - ShareOf(seen, id)));
  for (const auto& [id, share] : seen) gap = std::max(gap, std::abs(share - ShareOf(expected, id)));
  return gap;
}

std::string SharesText(const Shares& shares, const Shares& order) {
  std::vector<std::string> words;
  for (const auto& [id, unused] : order) {
    words.push_back(absl::StrFormat("%.1f", ShareOf(shares, id) * 100));
  }
  return absl::StrJoin(words, " : ");
}

}  // namespace shop::demo
