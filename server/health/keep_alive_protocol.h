// KeepAliveProtocol: what a client may say on a KeepAlive stream, and when.
//
// One per stream. The transport feeds it every message in order, then the end; it answers on the
// stream and tells the session table. A heartbeat on a bound stream is answered on the calling
// thread, without a post; everything else is posted.
//
// Calls of one stream must not overlap (a transport has at most one read under way); different
// streams are independent. The table must outlive it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "rollcall/v1/registry.pb.h"
#include "server/health/session_edges.h"
#include "server/health/session_table.h"

namespace rollcall::health {

class KeepAliveProtocol {
 public:
  KeepAliveProtocol(SessionTable& table, std::shared_ptr<SessionStream> stream);

  void OnMessage(const v1::KeepAliveRequest& message);
  // The client will send no more, or the connection is gone; `how` is for people, for example "the
  // connection was lost". Calls after the first do nothing.
  void OnEnd(std::string how);
  // The message that came cannot be accepted, as the transport found: the stream ends with `why`.
  void Refuse(absl::Status why);

 private:
  enum class State : uint8_t { kAwaitsOpen, kOpened, kOver };

  void OnOpen(const v1::KeepAliveRequest::Open& open);
  void OnBeat(const v1::KeepAliveRequest::Beat& beat);
  void OnLeave(const v1::KeepAliveRequest::Leave& leave);
  void Fail(const char* why);

  SessionTable& table_;
  const Binding binding_;
  State state_ = State::kAwaitsOpen;
};

}  // namespace rollcall::health
