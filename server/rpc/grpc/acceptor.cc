#include "server/rpc/grpc/acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rollcall::rpc {
namespace {

constexpr int kPauseMs = 100;

// Until when a transient failure of accept() is worth a retry at once (see accept(2)).
bool IsOneConnectionsFault(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPERM || error == EPROTO;
}

int DescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<int>(limit.rlim_cur);
}

int PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return bound.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port)
                                     : ntohs(reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

void SetPort(sockaddr* address, int port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<uint16_t>(port));
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(static_cast<uint16_t>(port));
  }
}

}  // namespace

Acceptor::Acceptor() : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Acceptor::~Acceptor() {
  Stop();
  close(wake_);
}

absl::StatusOr<int> Acceptor::Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError(absl::StrCat("listen: \"", address, "\" is not host:port"));
  }
  absl::string_view host = absl::string_view(address).substr(0, colon);
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(std::string(host).c_str(), nullptr, &hints, &found)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen: \"", address, "\": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    absl::StatusOr<int> picked = ListenOn(*each, port);
    if (!picked.ok()) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", address, ": ", std::string(picked.status().message())));
    }
    port = *picked;
  }
  return port;
}

absl::StatusOr<int> Acceptor::ListenOn(const addrinfo& address, int port) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::UnavailableError(strerror(errno));
  listeners_.push_back(fd);
  const int on = 1;
  // A restart must not wait for old connections to fade; a second process is still refused.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  SetPort(address.ai_addr, port);
  if (bind(fd, address.ai_addr, address.ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
    return absl::UnavailableError(absl::StrCat(
        strerror(errno), errno == EADDRINUSE ? "; is a second rollcalld running?" : ""));
  }
  return PortOf(fd);
}

void Acceptor::Start(OnConnection on_connection, OnTrouble on_trouble) {
  on_connection_ = std::move(on_connection);
  on_trouble_ = std::move(on_trouble);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "rc-accept");
    Run();
  });
}

void Acceptor::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    if (write(wake_, &one, sizeof one) == sizeof one) thread_.join();
  }
  for (const int fd : listeners_) close(fd);
  listeners_.clear();
}

void Acceptor::Run() {
  std::vector<pollfd> waiting;
  waiting.push_back({wake_, POLLIN, 0});
  for (const int fd : listeners_) waiting.push_back({fd, POLLIN, 0});
  bool pause = false;
  while (true) {
    // While pausing it looks for the end only.
    poll(waiting.data(), pause ? 1 : waiting.size(), pause ? kPauseMs : -1);
    if (waiting[0].revents != 0) return;
    pause = false;
    for (const int fd : listeners_) {
      if (!AcceptAll(fd)) pause = true;
    }
  }
}

bool Acceptor::AcceptAll(int listener) {
  const int most_descriptors = DescriptorLimit() - kReserved;  // may change while it runs
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (IsOneConnectionsFault(errno)) continue;
      on_trouble_(absl::StrCat("accepting connections pauses: ", strerror(errno)));
      return false;
    }
    // Descriptors are given out lowest first, so a high one says how many are in use.
    if (fd >= most_descriptors) {
      close(fd);
      on_trouble_(absl::StrCat("a connection was refused: all but the last ", kReserved,
                               " file descriptors are in use; raise the limit (ulimit -n)"));
      continue;
    }
    on_connection_(listener, fd);
  }
}

}  // namespace rollcall::rpc
