// Whether the ready file can be written where it is asked for.
//
// It is written last, once the node serves: a wrong path would end a node that has just started.
// So it is looked at first. Reads the file system, changes nothing.
#pragma once

#include "absl/status/status.h"
#include "server/app/config/config.h"

namespace rollcall::config {

// The file's directory must exist, or be one that is made for `data`. The error names the option.
absl::Status CheckReadyPlace(const Config& config);

}  // namespace rollcall::config
