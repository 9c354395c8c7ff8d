// LeaseEpochs: which registrations of the shop the registry holds: a registration that was lost and
// made again has a new epoch.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "examples/shop/demo/command_line.h"

namespace shop::demo {

// By instance.
using LeaseEpochs = std::map<std::string, std::string>;

// Of all services of the shop.
absl::StatusOr<LeaseEpochs> ReadLeaseEpochs(const CommandLine& rollcall);
// How many of `before` are no longer there or have changed.
uint64_t CountLost(const LeaseEpochs& before, const LeaseEpochs& after);

}  // namespace shop::demo
