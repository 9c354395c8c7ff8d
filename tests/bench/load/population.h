// Whom the bench registers: the same of every side and every peer.
#pragma once

#include <cstddef>

namespace rollcall::bench {

// Over how many services those are spread that register, and those that end together.
inline constexpr int kServices = 1000;
inline constexpr int kDoomedServices = 50;
// Of an instance's record.
inline constexpr size_t kRecordBytes = 300;

}  // namespace rollcall::bench
