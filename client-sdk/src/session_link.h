// SessionLink: one KeepAlive stream of a session: opens it, beats on it, and notices when it is
// dead although nobody closed it.
//
// It asks for an acknowledgement when nothing was heard for half a TTL, worries aloud when nothing
// was heard for kWorry of one, and takes the stream for broken after a whole one: a frozen server
// or a forgetful middlebox. A server that does not answer the opening has a third of the TTL, so
// that there is time for others.
//
// Belongs to the core's executor. An event may destroy the link.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/core_context.h"

namespace rollcall::sdk {

class SessionLink {
 public:
  // Of the TTL. Two beats are sent before, the second of which asks for an answer.
  static constexpr double kWorry = 0.8;

  class Events {
   public:
    virtual ~Events() = default;
    // The registry's message; the first one is `opened` (or `ended`).
    virtual void OnMessage(SessionLink& link, const v1::KeepAliveResponse& message) = 0;
    // Nothing was heard for long, though the server was asked to speak. May not destroy the link.
    virtual void OnSilent(SessionLink& link) = 0;
    // The stream is gone or dead; nothing follows.
    virtual void OnBroken(SessionLink& link, absl::Status why) = 0;
  };

  SessionLink(CoreContext& context, std::string server, v1::KeepAliveRequest::Open open,
              absl::Duration ttl, Events& events);
  ~SessionLink();

  const std::string& server() const { return server_; }
  // When its opening was asked for.
  base::Instant began() const { return began_; }
  bool opened() const { return opened_at_.has_value(); }
  // How long it has been open; zero if it is not.
  absl::Duration OpenFor() const {
    return opened_at_ ? context_.clock.Steady() - *opened_at_ : absl::ZeroDuration();
  }
  base::Instant last_heard() const { return last_heard_; }
  // Announces why the session leaves this stream; beats go on.
  void Leave(v1::KeepAliveRequest::Reason reason);
  // Closes the stream in good order. Destroy the link next.
  void Finish();

 private:
  void OnMessage(const v1::KeepAliveResponse& message);
  void OnEnd(absl::Status status);
  void Break(absl::Status why);
  void ScheduleBeat();
  void Beat();
  void ArmSilence();
  void CheckSilence();
  // How long nothing may be heard, and until it worries.
  absl::Duration Patience() const;
  absl::Duration Worry() const;

  CoreContext& context_;
  const std::string server_;
  const base::Instant began_;
  absl::Duration ttl_;
  absl::Duration beat_interval_;
  Events& events_;
  base::Lifeline lifeline_;
  std::unique_ptr<KeepAliveStream> stream_;
  std::optional<base::Instant> opened_at_;
  bool broken_ = false;
  bool worried_ = false;  // OnSilent was called, and nothing was heard since.
  uint64_t sequence_ = 0;
  base::Instant last_heard_;
  std::optional<base::Executor::TimerId> beat_timer_;
  std::optional<base::Executor::TimerId> silence_timer_;
};

}  // namespace rollcall::sdk
