// RegistrationFlow: registers many instances for one session.
//
// Up to kAtomicRegistrationInstances it is one transaction. More: the session with the first so
// many, then as many (kMaxPartBytes at most) with each further transaction, guarded on the session;
// the answer is OK only when all are committed, and a repeated request completes what is missing.
//
// Lives on the core executor.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/command/register.h"
#include "server/flow/client_commands.h"

namespace rollcall::flow {

class RegistrationFlow {
 public:
  struct Request {
    std::optional<command::SessionClaim> claim;  // nullopt: only static instances
    std::vector<v1::InstanceSpec> specs;
    std::string actor;
    base::Instant deadline;
    std::function<bool()> cancelled;
  };
  struct Answer {
    std::vector<LeaseEpoch> lease_epochs;
    absl::Duration ttl;
    Revision revision;
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

  explicit RegistrationFlow(ClientCommands& commands) : commands_(commands) {}

  void Run(Request request, Done done);

 private:
  struct Parts;
  void RunWhole(Request request, Done done);
  // From this part on.
  void RunParts(const std::shared_ptr<Parts>& parts, size_t from);
  void RunPart(const std::shared_ptr<Parts>& parts, size_t i,
               absl::AnyInvocable<void(bool)> registered);

  ClientCommands& commands_;
};

}  // namespace rollcall::flow
