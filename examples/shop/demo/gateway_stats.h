// What the gateway's GET /stats says.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "examples/shop/demo/moment.h"

namespace shop::demo {

struct InstanceStats {
  uint64_t attempts = 0;
  uint64_t served = 0;
  uint64_t failed = 0;
  // When the gateway last sent it a call; accurate to the time that the question took.
  Moment last_attempt = {};
};

// By service and instance.
using GatewayStats = std::map<std::string, std::map<std::string, InstanceStats>>;

absl::StatusOr<GatewayStats> FetchStats(const std::string& url);

}  // namespace shop::demo
