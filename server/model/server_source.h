// ServerSource: the addresses of nodes that clients may use now, for those who tell clients.
//
// Thread-safe, called often: it hands out the same pointer until the list changes. A null function,
// a null list and an empty one all mean that nothing is told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall {

using ServerNames = std::shared_ptr<const std::vector<std::string>>;
using ServerSource = std::function<ServerNames()>;

}  // namespace rollcall
