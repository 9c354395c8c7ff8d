// What the operating system says of this process: CPU time, memory, descriptors, start. Reads
// /proc; what cannot be read is left out.
#pragma once

#include "server/observe/metrics.h"

namespace rollcall::observe {

// A source for Metrics::AddSource.
void ReadProcess(Reading& reading);

}  // namespace rollcall::observe
