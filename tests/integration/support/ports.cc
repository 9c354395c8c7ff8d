#include "tests/integration/support/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "client-sdk/base/random.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::integration {
namespace {

// Outside Linux's 32768 to 60999.
constexpr int kFirstPort = 20000;
constexpr int kPorts = 12000;

// The socket that holds it, or -1 if somebody has it.
int Hold(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Fail("cannot make a socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Exclusive here, and open to those who share afterwards.
  const int on = 1;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

Ports::Ports(size_t count) {
  base::SecureRandom random;
  while (held_.size() < count) {
    const int port = kFirstPort + static_cast<int>(random.Below(kPorts));
    const int socket = Hold(port);
    if (socket >= 0) held_.push_back({port, socket});
  }
}

Ports::~Ports() {
  for (const Held& held : held_) close(held.socket);
}

}  // namespace rollcall::integration
