// The checker: what is wrong with a history, by the guarantees of docs/guarantees.md. Pure.
//
// A living process beats for what it has registered, and moves to another node when its own does
// not answer: whatever happens to nodes and members, it is never removed. Suspicion is not judged:
// a process whose home died may be suspected until it is at home elsewhere.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/faults/history.h"

namespace rollcall::integration {

// One line for each thing that is wrong; empty: nothing is.
std::vector<std::string> Check(const History& history);

}  // namespace rollcall::integration
