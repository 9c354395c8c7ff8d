// Claims: what the demo says it has shown, each with what was seen and what had to be seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "examples/shop/demo/screen.h"

namespace shop::demo {

class Claims {
 public:
  // The following rows belong under this title.
  void Section(const std::string& title);
  // Something seen that nothing is claimed of.
  void Note(const std::string& what, const std::string& seen);
  void Claim(const std::string& what, const std::string& seen, const std::string& wanted,
             bool holds);
  void AtMost(const std::string& what, absl::Duration seen, absl::Duration most);
  void Within(const std::string& what, absl::Duration seen, absl::Duration least,
              absl::Duration most);
  void Zero(const std::string& what, uint64_t seen);

  bool all_hold() const;
  void Print(const Screen& screen) const;

 private:
  struct Row {
    std::string what;
    std::string seen = {};
    std::string wanted = {};
    // Unset: nothing is claimed. A title has nothing but `what`.
    std::optional<bool> holds = {};
    bool title = false;
  };

  std::vector<Row> rows_;
};

}  // namespace shop::demo
