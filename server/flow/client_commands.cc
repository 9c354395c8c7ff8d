#include "server/flow/client_commands.h"

#include <utility>

namespace rollcall::flow {

void ClientCommands::Submit(std::shared_ptr<command::Command> command, base::Instant deadline,
                            Done done, std::function<bool()> cancelled) {
  auto again = [this, command, deadline, cancelled,
                done = std::move(done)](absl::StatusOr<Revision> first) mutable {
    if (!absl::IsNotFound(first.status())) return done(std::move(first));
    catch_up_.Run(
        deadline, [this, command = std::move(command), deadline, cancelled = std::move(cancelled),
                   done = std::move(done)](absl::StatusOr<Revision> known) mutable {
          if (!known.ok()) return done(known.status());
          committer_.Submit(std::move(command), deadline, std::move(done), std::move(cancelled));
        });
  };
  committer_.Submit(std::move(command), deadline, std::move(again), std::move(cancelled));
}

}  // namespace rollcall::flow
