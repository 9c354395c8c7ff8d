// UnderWay: says on standard error which seed a process was at when it is stopped from within: by a
// failed ROLLCALL_CHECK, or by the machine.
#pragma once

#include <cstdint>
#include <string>

namespace rollcall::sim {

// For as long as it lives; one at a time.
class UnderWay {
 public:
  UnderWay(uint64_t seed, const std::string& profile);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
};

}  // namespace rollcall::sim
