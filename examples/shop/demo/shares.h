// Shares: how calls are spread over instances, as shares of 1 by instance.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "examples/shop/demo/gateway_stats.h"

namespace shop::demo {

using Shares = std::map<std::string, double>;

// Whom the calls between two readings went to. Instances that served none are left out.
Shares SharesBetween(const GatewayStats& before, const GatewayStats& after,
                     const std::string& service);
// What the plan's weights say, if these instances are there.
Shares ExpectedShares(const std::vector<std::string>& present);
// The largest difference of an instance's shares.
double LargestGap(const Shares& seen, const Shares& expected);
// "16.7 : 33.3 : 50.0", for the instances of `order` in order.
std::string SharesText(const Shares& shares, const Shares& order);

}  // namespace shop::demo
