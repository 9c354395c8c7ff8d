#include "tests/integration/support/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

namespace rollcall::integration {
namespace {

// Like a window: more is not taken from the sender.
constexpr size_t kMostHeld = 1 << 20;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void NoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// The other side hears of it as a reset.
void Reset(int fd) {
  const linger now = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

}  // namespace

TcpRelay::TcpRelay(int server_port)
    : server_port_(server_port), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Listen();
  thread_ = std::thread([this] { Run(); });
}

TcpRelay::~TcpRelay() {
  {
    base::MutexLock lock(mu_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  base::MutexLock lock(mu_);
  BreakAll();
  if (listener_ >= 0) close(listener_);
  close(wake_);
}

// On the same port each time.
void TcpRelay::Listen() {
  base::MutexLock lock(mu_);
  if (listener_ >= 0) return;
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const sockaddr_in address = Loopback(port());
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 128) != 0) {
    Fail("the relay cannot listen");
  }
}

void TcpRelay::Delay(absl::Duration each_way, Way way) {
  base::MutexLock lock(mu_);
  if (way != kToClient) rules_[kToServer].delay = each_way;
  if (way != kToServer) rules_[kToClient].delay = each_way;
}

void TcpRelay::Drop(Way way) {
  base::MutexLock lock(mu_);
  if (way != kToClient) rules_[kToServer].dropped = true;
  if (way != kToServer) rules_[kToClient].dropped = true;
  Wake();
}

void TcpRelay::DropThoseOf(std::function<bool(int client_port)> dropped) {
  base::MutexLock lock(mu_);
  dropped_ = std::move(dropped);
  for (Pair& pair : pairs_) pair.dropped = dropped_(pair.client_port);
  Wake();
}

void TcpRelay::Heal() {
  Listen();
  base::MutexLock lock(mu_);
  dropped_ = nullptr;
  for (Pair& pair : pairs_) pair.dropped = false;
  rules_[kToServer] = {};
  rules_[kToClient] = {};
  Wake();
}

void TcpRelay::Cut() {
  base::MutexLock lock(mu_);
  BreakAll();
}

void TcpRelay::Refuse() {
  base::MutexLock lock(mu_);
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
  BreakAll();
}

int TcpRelay::accepted() const {
  base::MutexLock lock(mu_);
  return accepted_;
}

// The thread removes them; it may be waiting for their sockets.
void TcpRelay::BreakAll() {
  for (Pair& pair : pairs_) pair.broken = true;
  if (stopping_) RemoveBroken();
  Wake();
}

void TcpRelay::Wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void TcpRelay::Run() {
  while (true) {
    {
      base::MutexLock lock(mu_);
      if (stopping_) return;
    }
    Turn();
  }
}

bool TcpRelay::MayRead(const Pair& pair, int lane) const {
  return !rules_[lane].dropped && !pair.dropped && !pair.lanes[lane].ended &&
         pair.lanes[lane].size < kMostHeld;
}

bool TcpRelay::HasDue(const Pair& pair, int lane) const {
  if (rules_[lane].dropped || pair.dropped) return false;
  const Lane& held = pair.lanes[lane];
  if (held.chunks.empty()) return held.ended && !held.end_passed;
  return held.chunks.front().due <= std::chrono::steady_clock::now();
}

void TcpRelay::Turn() {
  std::vector<pollfd> waits = {{wake_, POLLIN, 0}};
  int wait_ms = -1;
  {
    base::MutexLock lock(mu_);
    RemoveBroken();
    waits.push_back({listener_, POLLIN, 0});
    for (const Pair& pair : pairs_) {
      for (const int side : {0, 1}) {
        // Lane `side` is read from socket `side`; the other lane is written to it.
        const short events = static_cast<short>((MayRead(pair, side) ? POLLIN : 0) |
                                                (HasDue(pair, 1 - side) ? POLLOUT : 0));
        waits.push_back({events == 0 ? -1 : pair.sockets[side], events, 0});
        const bool passes = !rules_[side].dropped && !pair.dropped;
        if (!pair.lanes[side].chunks.empty() && passes) wait_ms = 1;
      }
    }
  }
  poll(waits.data(), waits.size(), wait_ms);
  uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t size = read(wake_, &ignored, sizeof(ignored));
  base::MutexLock lock(mu_);
  // Only this thread adds and removes pairs: they are as they were.
  size_t at = 2;
  for (Pair& pair : pairs_) {
    for (const int side : {0, 1}) {
      const short happened = waits[at++].revents;
      if (pair.broken || happened == 0) continue;
      if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0 && MayRead(pair, side)) Read(pair, side);
      if ((happened & POLLOUT) != 0 && HasDue(pair, 1 - side)) Write(pair, 1 - side);
    }
  }
  if (listener_ >= 0 && waits[1].revents != 0) Accept();
}

void TcpRelay::Accept() {
  sockaddr_in from = {};
  socklen_t size = sizeof(from);
  const int client = accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(server);
    Reset(client);
    return;
  }
  ++accepted_;
  NoDelay(client);
  NoDelay(server);
  const int port = ntohs(from.sin_port);
  pairs_.push_back({{client, server}, {}, port, dropped_ && dropped_(port)});
}

void TcpRelay::Read(Pair& pair, int lane) {
  std::array<char, 65536> bytes;
  const ssize_t size = recv(pair.sockets[lane], bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0) {
    if (errno != EAGAIN) pair.broken = true;
    return;
  }
  Lane& held = pair.lanes[lane];
  if (size == 0) {
    held.ended = true;
    return;
  }
  const Moment due =
      std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(rules_[lane].delay);
  held.chunks.push_back({due, std::string(bytes.data(), static_cast<size_t>(size))});
  held.size += static_cast<size_t>(size);
}

void TcpRelay::Write(Pair& pair, int lane) {
  const int to = pair.sockets[1 - lane];
  Lane& held = pair.lanes[lane];
  while (HasDue(pair, lane) && !held.chunks.empty()) {
    std::string& bytes = held.chunks.front().bytes;
    const ssize_t size = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) {
      if (errno != EAGAIN) pair.broken = true;
      return;
    }
    held.size -= static_cast<size_t>(size);
    bytes.erase(0, static_cast<size_t>(size));
    if (bytes.empty()) held.chunks.pop_front();
  }
  if (held.chunks.empty() && held.ended && !held.end_passed) {
    held.end_passed = true;
    shutdown(to, SHUT_WR);
    if (pair.lanes[1 - lane].end_passed) pair.broken = true;
  }
}

void TcpRelay::RemoveBroken() {
  pairs_.remove_if([](const Pair& pair) {
    if (!pair.broken) return false;
    for (const int fd : pair.sockets) Reset(fd);
    return true;
  });
}

}  // namespace rollcall::integration
