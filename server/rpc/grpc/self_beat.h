// SelfBeat: the node's own client: a KeepAlive stream to its own server, beating all the time.
//
// Its beats go through the same gRPC threads as everybody's. The session table lets deadlines
// advance only while they arrive, so a starved or paused server evicts nobody; and as a periodic
// callback call they keep gRPC's two hidden threads from the naps of an idle process
// (docs/adr/0004-callback-api.md).
//
// Runs on the executor it is handed; Stop() ends it and waits for the stream to be over.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/health/session_table.h"

namespace rollcall::rpc {

class SelfBeat {
 public:
  // `socket` is GrpcServer::Options::self_socket.
  SelfBeat(const std::string& socket, const health::SessionTable& table, base::Executor& executor,
           const base::Clock& clock);
  ~SelfBeat();
  void Start();
  // From any thread but the executor's and gRPC's.
  void Stop();

 private:
  class Stream;
  struct State;
  static void Open(const std::shared_ptr<State>& state);
  static void Beat(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace rollcall::rpc
