// SessionKeeper: registers one ephemeral instance and keeps it registered until interrupted.
//
// It beats as the registry asks, resumes its session after a broken connection, goes to another
// server when it is sent there, registers anew when the session is lost (unless a newer process or
// an operator is why), and deregisters on an interrupt. What happens besides is said through `say`,
// a line each. Thread-compatible: one Run.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/client/duplex.h"
#include "cli/client/interrupt.h"
#include "cli/client/reconnects.h"
#include "cli/client/registry.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::cli {

class SessionKeeper {
 public:
  struct Parts {
    Registry& registry;
    Interrupt& interrupt;
    const base::Clock& clock;
    base::Random& random;
  };
  using Say = std::function<void(const std::string& line)>;

  // `request` holds the one instance, and what else Register needs besides the session.
  SessionKeeper(Parts parts, v1::RegisterRequest request, Say say);

  // Opens the session and registers; nothing is repeated on failure.
  absl::StatusOr<v1::RegisterResponse> Register();
  // Until interrupted and deregistered (OK); FAILED_PRECONDITION if a newer process took the
  // instance over or an operator removed it.
  absl::Status Keep();

 private:
  using Stream = Duplex<v1::KeepAliveRequest, v1::KeepAliveResponse>;
  // How a stream ended for us.
  enum class Outcome { kInterrupted, kBroken, kMoved, kLost, kOver };

  Outcome RunStream();
  Outcome Exchange(Stream& stream);
  // nullopt: go on.
  std::optional<Outcome> Handle(const v1::KeepAliveResponse& message);
  std::optional<Outcome> Opened(const v1::KeepAliveResponse::Opened& opened);
  template <typename HeldInstances>
  std::optional<Outcome> CheckHeld(const HeldInstances& held);
  void Beat(Stream& stream);
  // Goes within the time that the registry gives, at a moment of its own.
  void SentElsewhere(const v1::KeepAliveResponse::MoveTo& move);
  Outcome Move(Stream& stream);
  template <typename Servers>
  void Learn(const Servers& servers);
  // After the registry no longer has the instance for this session: registers it again, unless it
  // was taken or removed on purpose.
  absl::Status Recover();
  absl::Status WhyGone();
  absl::Status Deregister();
  void NewSession();
  v1::InstanceKey Key() const;

  Parts parts_;
  v1::RegisterRequest request_;
  Say say_;
  Reconnects reconnects_;
  absl::Duration ttl_;
  absl::Duration interval_;
  base::Instant next_beat_;
  base::Instant last_heard_;
  std::optional<base::Instant> move_at_;
  uint64_t sequence_ = 0;
  uint64_t lease_epoch_ = 0;
  uint64_t revision_ = 0;
  std::string store_id_;
  // It was said that the connection broke, and not yet that there is one again.
  bool away_ = false;
  // Why Keep ends with kOver.
  absl::Status verdict_;
};

}  // namespace rollcall::cli
