#include "tests/integration/support/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace rollcall::integration {

Socket::Socket(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd_);
    Fail(absl::StrCat("cannot connect to port ", port));
  }
}

Socket::~Socket() { close(fd_); }

bool Socket::Send(const std::string& bytes) const {
  return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::string Socket::ReadToEnd(absl::Duration limit) {
  const Stopwatch watch;
  std::string all;
  while (true) {
    pollfd readable = {fd_, POLLIN, 0};
    const int ms = static_cast<int>(absl::ToInt64Milliseconds(watch.LeftOf(limit)));
    if (poll(&readable, 1, ms) <= 0) return all;
    std::array<char, 16384> chunk;
    const ssize_t size = recv(fd_, chunk.data(), chunk.size(), 0);
    closed_ = size <= 0;
    if (closed_) return all;
    all.append(chunk.data(), static_cast<size_t>(size));
  }
}

namespace {

// "socket:[inode]", as /proc names it, of the connections whose own end has this port.
std::set<std::string> SocketsFrom(int port) {
  std::set<std::string> sockets;
  const std::string end = absl::StrFormat(":%04X", port);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 9 && absl::EndsWith(words[1], end)) {
      sockets.insert(absl::StrCat("socket:[", words[9], "]"));
    }
  }
  return sockets;
}

HttpAnswer Ask(int port, const std::string& request) {
  Socket socket(port);
  socket.Send(request);
  const std::string all = socket.ReadToEnd();
  const size_t split = all.find("\r\n\r\n");
  HttpAnswer answer = {0, all.substr(0, split), split == all.npos ? "" : all.substr(split + 4)};
  if (all.size() < 12 || !absl::SimpleAtoi(all.substr(9, 3), &answer.status)) {
    Fail(absl::StrCat("no HTTP answer to ", request.substr(0, request.find('\r')), ": \"", all,
                      "\""));
  }
  return answer;
}

}  // namespace

HttpAnswer HttpGet(int port, const std::string& path) {
  return Ask(port, absl::StrCat("GET ", path,
                                " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
}

// By HTTP/1.0, so that the answer comes in one piece.
HttpAnswer HttpPost(int port, const std::string& path, const std::string& body) {
  return Ask(port, absl::StrCat("POST ", path, " HTTP/1.0\r\nHost: localhost\r\nContent-Length: ",
                                body.size(), "\r\n\r\n", body));
}

bool HoldsConnectionFrom(pid_t pid, int port) {
  const std::set<std::string> sockets = SocketsFrom(port);
  std::error_code gone;  // the process, or one of its files
  const std::string files = absl::StrCat("/proc/", pid, "/fd");
  for (const auto& file : std::filesystem::directory_iterator(files, gone)) {
    const auto target = std::filesystem::read_symlink(file.path(), gone);
    if (sockets.count(target.string()) > 0) return true;
  }
  return false;
}

}  // namespace rollcall::integration
