// Address: a host and a port to listen on.
#pragma once

#include <cstdint>
#include <string>

namespace rollcall::config {

struct Address {
  std::string host;   // a name or an IP literal, IPv6 without brackets
  uint16_t port = 0;  // 0: a free one

  friend bool operator==(const Address&, const Address&) = default;
};

}  // namespace rollcall::config
