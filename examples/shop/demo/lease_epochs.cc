#include "examples/shop/demo/lease_epochs.h"

#include <algorithm>

#include "client-sdk/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace shop::demo {

absl::StatusOr<LeaseEpochs> ReadLeaseEpochs(const CommandLine& rollcall) {
  LeaseEpochs epochs;
  for (const char* service : {"user", "order", "gateway"}) {
    ASSIGN_OR_RETURN(const nlohmann::json answer, rollcall.Ask({"instances", service}));
    for (const nlohmann::json& instance : answer.at("instances")) {
      epochs[instance.at("spec").at("id")] = instance.at("lease_epoch");
    }
  }
  return epochs;
}

uint64_t CountLost(const LeaseEpochs& before, const LeaseEpochs& after) {
  return static_cast<uint64_t>(std::count_if(before.begin(), before.end(), [&](const auto& held) {
    const auto found = after.find(held.first);
    return found == after.end() || found->second != held.second;
  }));
}

}  // namespace shop::demo
