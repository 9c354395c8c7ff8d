// RawClient: a blocking TCP connection that sends and receives bytes as they are, to see what an
// HTTP server really does. Reads end after a minute.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "client-sdk/base/check.h"

namespace rollcall::http {

class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ROLLCALL_CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0, "connect");
  }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(const std::string& bytes) { (void)send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // One response with its body, by its Content-Length; less if the server closed.
  std::string ReadResponse(bool head = false) {
    while (buffer_.find("\r\n\r\n") == std::string::npos && Fill()) {
    }
    const size_t header = buffer_.find("\r\n\r\n");
    if (header == std::string::npos) return Take(buffer_.size());
    const size_t at = buffer_.find("Content-Length: ");
    const size_t body = head || at > header ? 0 : std::stoul(buffer_.substr(at + 16));
    while (buffer_.size() < header + 4 + body && Fill()) {
    }
    return Take(header + 4 + body);
  }
  // True when the server has closed; what it sent before is dropped.
  bool Closed() {
    while (Fill()) {
    }
    return ended_;
  }

 private:
  bool Fill() {
    char chunk[4096];
    const ssize_t n = recv(fd_, chunk, sizeof(chunk), 0);
    if (n > 0) buffer_.append(chunk, static_cast<size_t>(n));
    ended_ = n == 0 || (n < 0 && errno == ECONNRESET);
    return n > 0;
  }
  std::string Take(size_t n) {
    std::string taken = buffer_.substr(0, n);
    buffer_.erase(0, n);
    return taken;
  }

  const int fd_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace rollcall::http
