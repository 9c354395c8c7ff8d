// Ports of the loopback that nobody listens on now, for programs that must be told theirs before
// they start. Another process may take one meanwhile; who starts such a program tries again.
#pragma once

#include <vector>

namespace shop::demo {

// `count` different ones; fewer if there are no more.
std::vector<int> FreePorts(int count);

}  // namespace shop::demo
