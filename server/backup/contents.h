// Contents: how many records there are, and a digest of them that does not depend on their order;
// two places that hold the same records have equal contents.
//
// A value.
#pragma once

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace rollcall::backup {

class Contents {
 public:
  void Add(absl::string_view key, absl::string_view value);
  uint64_t records() const { return records_; }

  friend bool operator==(const Contents&, const Contents&) = default;

 private:
  uint64_t records_ = 0;
  // Lane by lane the sum of the records' SHA-256.
  std::array<uint64_t, 4> sum_{};
};

}  // namespace rollcall::backup
