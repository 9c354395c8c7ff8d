// A change of the truth in words, for people and golden traces. Without what differs from seed to
// seed alone: ids of sessions and of writes.
#pragma once

#include <string>

#include "tests/sim/oracles/truth.h"

namespace rollcall::sim {

std::string Spoken(const TruthChange& change);

}  // namespace rollcall::sim
