#include "tests/bench/peers/framed_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

constexpr size_t kHead = 4;

uint32_t LengthAt(absl::string_view bytes) {
  uint32_t length = 0;
  memcpy(&length, bytes.data(), kHead);
  return ntohl(length);
}

sockaddr_in Address(uint32_t host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(host);
  return address;
}

// From one of 16 addresses in turn: thousands of connections from a single one leave so few ports
// that the kernel searches long for one.
void BindToOwnAddress(int socket) {
  static uint32_t turn = 0;
  const int one = 1;
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  const sockaddr_in own = Address(INADDR_LOOPBACK + turn++ % 16, 0);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    integration::Fail(std::string("cannot bind a socket: ") + strerror(errno));
  }
}

int Connecting(int port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) integration::Fail(std::string("cannot make a socket: ") + strerror(errno));
  const int one = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const linger reset = {1, 0};
  setsockopt(made, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  BindToOwnAddress(made);
  const sockaddr_in address = Address(INADDR_LOOPBACK, port);
  // A refusal is told when it is ready.
  if (connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS && errno != ECONNREFUSED) {
    integration::Fail(std::string("cannot connect: ") + strerror(errno));
  }
  return made;
}

}  // namespace

FramedSocket::FramedSocket(Sockets& sockets, int port, OnFrame on_frame, OnEnd on_end)
    : sockets_(sockets),
      on_frame_(std::move(on_frame)),
      on_end_(std::move(on_end)),
      socket_(Connecting(port)),
      id_(sockets_.Add(socket_, *this)) {}

void FramedSocket::Send(absl::string_view frame) {
  if (socket_ < 0) return;
  const uint32_t length = htonl(static_cast<uint32_t>(frame.size()));
  const bool idle = out_.empty();
  out_.append(reinterpret_cast<const char*>(&length), kHead);
  out_.append(frame.data(), frame.size());
  if (idle && connected_) Write();
}

void FramedSocket::Ready() {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return End(std::string("cannot connect: ") + strerror(error));
    connected_ = true;
  }
  if (!out_.empty()) Write();
  if (socket_ >= 0) Read();
}

void FramedSocket::Write() {
  const ssize_t sent = send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    out_.erase(0, static_cast<size_t>(sent));
  } else if (errno == ENOTCONN) {
    connected_ = false;  // It was told too early.
  } else if (errno != EAGAIN && errno != EINTR) {
    End(std::string("the connection broke: ") + strerror(errno));
  }
}

void FramedSocket::Read() {
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
    if (got == 0) return End("the server closed the connection");
    if (got < 0) {
      if (errno == EAGAIN || errno == ENOTCONN) return;
      return End(std::string("the connection broke: ") + strerror(errno));
    }
    absl::string_view bytes(buffer.data(), static_cast<size_t>(got));
    if (!in_.empty()) {
      in_.append(bytes.data(), bytes.size());
      bytes = in_;
    }
    Take(bytes);
    in_ = std::string(bytes);
    if (socket_ < 0) return;  // A frame was answered, and that failed.
    if (static_cast<size_t>(got) < buffer.size()) return;
  }
}

void FramedSocket::Take(absl::string_view& bytes) {
  while (bytes.size() >= kHead && bytes.size() - kHead >= LengthAt(bytes)) {
    const size_t length = LengthAt(bytes);
    on_frame_(bytes.substr(kHead, length));
    bytes.remove_prefix(kHead + length);
  }
}

void FramedSocket::End(const std::string& why) {
  if (socket_ < 0) return;
  Close();
  on_end_(why);
}

void FramedSocket::Close() {
  if (socket_ < 0) return;
  sockets_.Remove(socket_, id_);
  close(socket_);
  socket_ = -1;
}

}  // namespace rollcall::bench
