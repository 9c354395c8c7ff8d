// HostOf: an address without its port.
#pragma once

#include "absl/strings/string_view.h"

namespace rollcall {

// "10.0.0.7" of "10.0.0.7:7400", "ipv4:10.0.0.7" of the gRPC peer "ipv4:10.0.0.7:41233" (a client
// that comes back has another port); what ends in no port is the host as it is.
absl::string_view HostOf(absl::string_view address);

}  // namespace rollcall
