// Acceptor: listens on TCP addresses and hands each new connection over, on a thread of its own
// ("rc-accept").
//
// gRPC 1.51 stops listening for good when accept() fails once for want of file descriptors
// (CVE-2023-4785). This one pauses and goes on, and never takes the last kReserved descriptors, so
// the store, the log and the health pages keep theirs: a connection that would is closed at once.
//
// Listen and Start belong to one thread; Stop may be called once from any other than its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct addrinfo;

namespace rollcall::rpc {

class Acceptor {
 public:
  // Descriptors that are left to the rest of the process.
  static constexpr int kReserved = 64;

  // Takes ownership of `fd`, a connected non-blocking socket accepted on `listener`.
  using OnConnection = std::function<void(int listener, int fd)>;
  // A connection was refused, or accepting failed; `why` is for the log.
  using OnTrouble = std::function<void(const std::string& why)>;

  Acceptor();
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Listens on every address that host:port stands for, on one port; port 0 picks a free one.
  // Returns the port. INVALID_ARGUMENT for an address that cannot be read or resolved, UNAVAILABLE
  // for one that cannot be had.
  absl::StatusOr<int> Listen(const std::string& address);
  // Both are called on the acceptor's thread.
  void Start(OnConnection on_connection, OnTrouble on_trouble);
  // Stops listening. Connections that were handed over stay.
  void Stop();

 private:
  absl::StatusOr<int> ListenOn(const addrinfo& address, int port);
  void Run();
  // False if it should pause.
  bool AcceptAll(int listener);

  std::vector<int> listeners_;
  OnConnection on_connection_;
  OnTrouble on_trouble_;
  int wake_ = -1;  // an eventfd: readable when it is to stop
  std::thread thread_;
};

}  // namespace rollcall::rpc
