// What every wait in these tests is made of: a limit, a stopwatch, and a failure that says what was
// waited for.
//
// Nothing sleeps: tests wait for events, at most for a limit. A limit that passes throws, and
// GoogleTest reports what was thrown as the test's failure.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

#include "absl/time/time.h"

namespace rollcall::integration {

// Long enough for a loaded machine and a build with a sanitizer; a test that waits for it has
// failed.
inline constexpr absl::Duration kSoon = absl::Seconds(60);

[[noreturn]] inline void Fail(const std::string& what) { throw std::runtime_error(what); }

class Stopwatch {
 public:
  absl::Duration elapsed() const {
    return absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }
  absl::Duration LeftOf(absl::Duration limit) const {
    return std::max(limit - elapsed(), absl::ZeroDuration());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// For what tells nobody when it happens: asks until the answer is yes, every 20 ms.
bool Eventually(const std::function<bool()>& is_so, absl::Duration limit = kSoon);

}  // namespace rollcall::integration
