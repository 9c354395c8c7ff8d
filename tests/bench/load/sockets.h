// Sockets: non-blocking TCP connections on the Loop, for what does not speak gRPC.
//
// One thread of its own waits for the kernel and wakes the Loop, and waits again when the Loop has
// dealt with all that was ready; everything else is done on the Loop's thread. So the Loop needs to
// look at nothing but its queue, and nobody else's calls are late for it.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "tests/bench/load/loop.h"

namespace rollcall::bench {

class Sockets {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // Something has come, or can be sent again; told once for each time that it changes. Must not
    // destroy itself.
    virtual void Ready() = 0;
  };

  explicit Sockets(Loop& loop);
  // All sockets must have been removed.
  ~Sockets();
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // From now on the handler is told; returns what Remove wants.
  uint64_t Add(int socket, Handler& handler);
  // Before the socket is closed; it is not told any more.
  void Remove(int socket, uint64_t id);

 private:
  struct State;
  void Wait();

  Loop& loop_;
  // A wake that comes when the Sockets are gone finds it.
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace rollcall::bench
