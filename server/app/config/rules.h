// What options must fulfil together, once each by itself is right.
//
// The errors name the option and say what to do. Pure.
#pragma once

#include "absl/status/status.h"
#include "server/app/config/config.h"

namespace rollcall::config {

absl::Status CheckRules(const Config& config);

}  // namespace rollcall::config
