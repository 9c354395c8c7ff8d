// Writes a small file so that a reader sees all of it or none. Blocks.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rollcall::app {

// Written beside it, synced, and renamed into place.
absl::Status WriteFileAtomically(const std::string& path, const std::string& content);

}  // namespace rollcall::app
