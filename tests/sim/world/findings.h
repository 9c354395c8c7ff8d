// Findings: what is wrong in a world, as an oracle found it first. A world ends with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace rollcall::sim {

struct Finding {
  std::string oracle;
  std::string what;
};

class Findings {
 public:
  void Add(absl::string_view oracle, std::string what) {
    if (!first_) first_ = Finding{std::string(oracle), std::move(what)};
  }
  const std::optional<Finding>& first() const { return first_; }

 private:
  std::optional<Finding> first_;
};

}  // namespace rollcall::sim
