// TcpRelay: stands between a client and a port of this machine and spoils what passes.
//
// A way that is dropped is like a network that is cut: nothing passes, nobody is told, and what was
// sent meanwhile arrives when it is healed. All of it is thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "client-sdk/base/mutex.h"
#include "tests/integration/support/bounded.h"
#include "tests/integration/support/ports.h"

namespace rollcall::integration {

class TcpRelay {
 public:
  enum Way { kToServer, kToClient, kBothWays };

  explicit TcpRelay(int server_port);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  int port() const { return port_[0]; }
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port()); }

  // Every byte is on its way for so long.
  void Delay(absl::Duration each_way, Way way = kBothWays);
  void Drop(Way way = kBothWays);
  // Both ways, for the connections, those there are and those to come, whose client's port it says
  // yes to. Asked by the relay's thread, too.
  void DropThoseOf(std::function<bool(int client_port)> dropped);
  // No delay, nothing dropped, connections accepted.
  void Heal();
  // Resets the connections that there are.
  void Cut();
  // Cuts, and refuses new connections until Heal().
  void Refuse();
  // Connections accepted so far.
  int accepted() const;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Chunk {
    Moment due;
    std::string bytes;
  };
  // From one socket to the other.
  struct Lane {
    std::deque<Chunk> chunks;
    size_t size = 0;
    bool ended = false;
    bool end_passed = false;
  };
  struct Pair {
    int sockets[2];  // the client's, the server's
    Lane lanes[2];   // to the server, to the client
    int client_port;
    bool dropped = false;
    bool broken = false;
  };
  struct Rule {
    absl::Duration delay;
    bool dropped = false;
  };

  void Listen();
  void Run();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Read(Pair& pair, int lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Write(Pair& pair, int lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool MayRead(const Pair& pair, int lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasDue(const Pair& pair, int lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RemoveBroken() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void BreakAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // One round of waiting and moving.
  void Turn();
  // The thread looks again.
  void Wake() const;

  const int server_port_;
  const Ports port_{1};
  int wake_;

  mutable base::Mutex mu_;
  int listener_ ABSL_GUARDED_BY(mu_) = -1;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int accepted_ ABSL_GUARDED_BY(mu_) = 0;
  Rule rules_[2] ABSL_GUARDED_BY(mu_);
  std::function<bool(int)> dropped_ ABSL_GUARDED_BY(mu_);  // null: nobody
  std::list<Pair> pairs_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace rollcall::integration
