// SteadyCaller: a running shop_load, and what it says of its calls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client-sdk/base/mutex.h"
#include "examples/shop/demo/child.h"
#include "nlohmann/json.hpp"

namespace shop::demo {

struct CallCounts {
  uint64_t made = 0;
  uint64_t failed = 0;
};

class SteadyCaller {
 public:
  static absl::StatusOr<std::unique_ptr<SteadyCaller>> Start(const std::string& program,
                                                             const std::string& url, int rate,
                                                             const std::string& log);

  // All calls that are over by now.
  absl::StatusOr<CallCounts> Counts();
  // Ends it: shop_load's report.
  absl::StatusOr<nlohmann::json> Finish();

 private:
  SteadyCaller() = default;
  void Take(const std::string& line);
  absl::StatusOr<nlohmann::json> Await(const std::string& what, absl::Duration limit,
                                       nlohmann::json SteadyCaller::*line);

  rollcall::base::Mutex mu_;
  rollcall::base::CondVar more_;
  // Null until there is one.
  nlohmann::json progress_ ABSL_GUARDED_BY(mu_);
  nlohmann::json report_ ABSL_GUARDED_BY(mu_);
  // Last: its reader uses the rest.
  std::unique_ptr<Child> process_;
};

}  // namespace shop::demo
