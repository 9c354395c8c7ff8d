// Socket: a TCP connection to a port of this machine, for what is not gRPC. Throws on failure.
#pragma once

#include <string>

#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

class Socket {
 public:
  explicit Socket(int port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // False if the other side has closed it.
  bool Send(const std::string& bytes) const;
  // All that comes until the other side closes, or until the limit.
  std::string ReadToEnd(absl::Duration limit = kSoon);
  // The other side has closed it, as ReadToEnd saw.
  bool closed() const { return closed_; }

 private:
  int fd_;
  bool closed_ = false;
};

struct HttpAnswer {
  int status;
  std::string head;
  std::string body;
};
HttpAnswer HttpGet(int port, const std::string& path);
HttpAnswer HttpPost(int port, const std::string& path, const std::string& body);

// Whether the process has a TCP connection of which this is its own end's port.
bool HoldsConnectionFrom(pid_t pid, int port);

}  // namespace rollcall::integration
