// Session: registered instances and the stream that keeps them, as a client without any cleverness
// holds them. Nothing is repaired, nothing happens that was not asked for.
#pragma once

#include <memory>
#include <string>

#include "tests/integration/support/duplex.h"
#include "tests/integration/support/raw_client.h"

namespace rollcall::integration {

using KeepAliveStream = Duplex<v1::KeepAliveRequest, v1::KeepAliveResponse>;

std::unique_ptr<KeepAliveStream> OpenKeepAlive(RawClient& client);
v1::KeepAliveRequest OpenMessage(const v1::RegisterResponse& registered);
v1::KeepAliveRequest BeatMessage(uint64_t sequence, bool want_ack = false);

class Session {
 public:
  // Registers, opens the stream, and is answered.
  Session(RawClient& client, const v1::RegisterRequest& request);
  // Of a session that is registered: opens the stream, and is answered.
  Session(RawClient& client, v1::RegisterResponse registered);

  const v1::RegisterResponse& registered() const { return registered_; }
  const v1::KeepAliveResponse::Opened& opened() const { return opened_; }
  KeepAliveStream& stream() { return *stream_; }

  // Opens the stream again, as after a restart of the registry.
  void Reopen(RawClient& client) {
    StartReopening(client);
    AwaitOpened();
  }
  // The two halves of it, for several that come back at once.
  void StartReopening(RawClient& client);
  void AwaitOpened();
  // One heartbeat, and waits for its acknowledgement.
  void Beat();
  // The stream breaks without goodbye.
  void Break() { stream_.reset(); }

 private:
  v1::RegisterResponse registered_;
  std::unique_ptr<KeepAliveStream> stream_;
  v1::KeepAliveResponse::Opened opened_;
  uint64_t sequence_ = 0;
};

// Waits for what the registry says of a session's end.
v1::Cause AwaitEnded(KeepAliveStream& stream, absl::Duration limit = kSoon);

}  // namespace rollcall::integration
