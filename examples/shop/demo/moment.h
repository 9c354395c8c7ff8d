// Time as the demo measures it: steady, and the same in all threads.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace shop::demo {

using Moment = std::chrono::steady_clock::time_point;

inline Moment Now() { return std::chrono::steady_clock::now(); }

inline absl::Duration Between(Moment from, Moment to) { return absl::FromChrono(to - from); }

inline void Sleep(absl::Duration time) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(time));
}

// "9 ms" or "2.41 s".
inline std::string Text(absl::Duration time) {
  if (time < absl::Milliseconds(995)) {
    return absl::StrFormat("%.0f ms", absl::ToDoubleMilliseconds(time));
  }
  return absl::StrFormat("%.2f s", absl::ToDoubleSeconds(time));
}

}  // namespace shop::demo
