// Selector: which instances of a service a reader wants, as a parsed comma-joined list of
// `key=value` and `key!=value`; all must hold. Keys: version, region, zone, sub_zone, meta.<k>. A
// missing value equals "".
//
// Immutable, pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rollcall/v1/types.pb.h"

namespace rollcall {

class Selector {
 public:
  // Matches everything.
  Selector() = default;
  // INVALID_ARGUMENT naming the part that is wrong. "" matches everything.
  static absl::StatusOr<Selector> Parse(absl::string_view text);

  bool Matches(const v1::InstanceSpec& spec) const;
  bool matches_all() const { return terms_.empty(); }
  // Equal for selectors that match the same; for sharing encodings.
  const std::string& canonical() const { return canonical_; }

 private:
  struct Term {
    std::string key;
    std::string value;
    bool equal;
    friend auto operator<=>(const Term&, const Term&) = default;
  };
  std::vector<Term> terms_;
  std::string canonical_;
};

}  // namespace rollcall
