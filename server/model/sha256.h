// SHA-256 of some bytes. Pure, thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace rollcall {

std::array<uint8_t, 32> Sha256(absl::string_view bytes);

}  // namespace rollcall
