// Deliveries: how long after a registration was acknowledged one watch was told of it.
//
// The two come in either order; a watch that is told first was told at once. Pure;
// thread-compatible.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "cli/bench/tally.h"
#include "client-sdk/base/instant.h"

namespace rollcall::cli {

class Deliveries {
 public:
  void Acknowledged(const std::string& instance, base::Instant at);
  void Told(const std::string& instance, base::Instant at);
  // Acknowledged, and the watch was not told.
  uint64_t missing() const { return missing_; }
  // What is missing now will not come.
  void GiveUp(absl::string_view why);

  const Tally& tally() const { return tally_; }

 private:
  enum class First { kAcknowledged, kTold };
  struct Half {
    First first;
    base::Instant at;
  };

  absl::flat_hash_map<std::string, Half> halves_;
  uint64_t missing_ = 0;
  Tally tally_;
};

}  // namespace rollcall::cli
