// Ports: ports of this machine that are a test's own while the object lives, also while nobody
// listens on them: a server that is down for a while finds its port again.
//
// They lie outside the range that the kernel gives to outgoing connections and to port 0, and each
// is held by a socket that does not listen. So neither another test at the same time nor a
// connection takes it; a server that sets SO_REUSEADDR (rollcalld, etcd, TcpRelay) may listen
// there.
#pragma once

#include <cstddef>
#include <vector>

namespace rollcall::integration {

class Ports {
 public:
  explicit Ports(size_t count);
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  int operator[](size_t i) const { return held_[i].port; }

 private:
  struct Held {
    int port;
    int socket;
  };
  std::vector<Held> held_;
};

}  // namespace rollcall::integration
