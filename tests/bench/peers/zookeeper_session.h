// ZooKeeperSession: one session at ZooKeeper, which is one connection: its wire protocol, by
// ourselves. On the Loop's thread.
//
// ZooKeeper's own client for C has two threads for each session: with ten thousand sessions it
// would be measured instead of the server.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "tests/bench/peers/framed_socket.h"
#include "tests/bench/peers/zookeeper_requests.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class ZooKeeperSession {
 public:
  // `opened` is told when there is a session, or why there is none. No callback may destroy it.
  ZooKeeperSession(Sockets& sockets, int port, absl::Duration timeout, Done opened);
  // Ends the connection. The session ends at its timeout, as that of a process that died.
  ~ZooKeeperSession() = default;

  using Answered = absl::AnyInvocable<void(absl::string_view error, JuteReader& answer)>;

  // Once it is open. Answers come in the order of asking.
  void Ask(const zookeeper::Request& request, Answered answered);
  // The same, of an answer that nobody reads.
  void Ask(const zookeeper::Request& request, Done done);
  void Ping(Done answered);

  // Set these before something is asked.
  std::function<void(int event, absl::string_view path)> on_event;
  // The connection broke while nobody waited for an answer.
  std::function<void(const std::string& why)> on_lost;

 private:
  void Take(absl::string_view frame);
  void TakeAnswer(JuteReader& frame);
  void End(const std::string& why);

  Done opened_;
  bool open_ = false;
  int32_t next_id_ = 1;
  std::deque<Answered> asked_;
  std::deque<Done> pinged_;
  FramedSocket socket_;
};

}  // namespace rollcall::bench
