// Every side there is. A peer is added in all.cc: one line, under PeerSides.
#pragma once

#include <vector>

#include "tests/bench/sides/side.h"

namespace rollcall::bench {

// Rollcall and its limit, in the order of measuring: the limit first.
std::vector<SideMaker> OwnSides();
// Other systems, with --peers (`make bench-peers`).
std::vector<SideMaker> PeerSides();

}  // namespace rollcall::bench
