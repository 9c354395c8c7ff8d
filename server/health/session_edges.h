// The edges of the session table: what it asks of a client's stream and of those who commit for it.
#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rollcall/v1/registry.pb.h"
#include "server/model/ids.h"

namespace rollcall::health {

// A client's KeepAlive stream. Implemented over gRPC in rpc/grpc and in memory in tests. Calls are
// thread-safe and never block; messages are sent in the order of the calls.
class SessionStream {
 public:
  virtual ~SessionStream() = default;
  // The callee fills in revision, store_id and store_reachable.
  virtual void Send(v1::KeepAliveResponse message) = 0;
  // Ends the stream after what was sent.
  virtual void Close(absl::Status status) = 0;
  virtual const std::string& peer() const = 0;
};

// Commits what the session table found out. Called on the health executor; `done` is called there
// too. Implementations decide again on the records as they stand: a verdict that no longer fits
// (the session ended, or moved home) is answered with FAILED_PRECONDITION and changes nothing.
class SessionWriter {
 public:
  virtual ~SessionWriter() = default;
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;
  // LIVE or LEAVING becomes SUSPECT, with cause STREAM_BROKEN or BEAT_OVERDUE.
  virtual void Suspect(const SessionId& id, v1::Cause cause, std::string evidence, Done done) = 0;
  // SUSPECT becomes LIVE.
  virtual void Renew(const SessionId& id, std::string evidence, Done done) = 0;
  // LIVE or SUSPECT becomes LEAVING.
  virtual void Leave(const SessionId& id, std::string evidence, Done done) = 0;
  // Ends the session (EXPIRED, or DEREGISTERED for one that left) and then removes its instances;
  // `done` is called when the session's end is decided. UNAVAILABLE: it is withdrawn and was not
  // done.
  virtual void End(const SessionId& id, v1::Cause cause, std::string evidence, Done done) = 0;
  // This node becomes the session's home, and SUSPECT becomes LIVE. Not submitted within
  // kRevisionWait: it is withdrawn.
  virtual void MoveHome(const SessionId& id, std::string evidence, Done done) = 0;
  // Answers when everything that was acknowledged anywhere before this call is applied here;
  // UNAVAILABLE if that cannot be had within kRevisionWait.
  virtual void Confirm(Done done) = 0;
};

}  // namespace rollcall::health
