// SessionCloser: ends sessions and removes what they held.
//
// One guarded transaction ends the session with its cause and removes its instances; after that it
// cannot renew. Of a session with more than kAtomicRegistrationInstances they are removed after it,
// so many with one transaction. Whoever finds an instance of an ended session may finish the
// removal: Sweep() does so for what a crash left behind.
//
// Lives on the core executor.
#pragma once

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/catalog/catalog.h"
#include "server/command/deregister.h"
#include "server/command/stamp.h"
#include "server/committer/committer.h"
#include "server/flow/client_commands.h"

namespace rollcall::flow {

class SessionCloser {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;

  // `node` is this one: it ends sessions that are at home here, and those whose home is gone.
  SessionCloser(committer::Committer& committer, ClientCommands& commands,
                const catalog::Catalog& catalog, const base::Clock& clock, NodeId node)
      : committer_(committer),
        commands_(commands),
        catalog_(catalog),
        clock_(clock),
        node_(std::move(node)) {}

  // `done` is called when the session's end is decided; the removals follow. An error says that it
  // was not ended and will not be by this call.
  void End(const SessionId& id, command::Reason reason, Done done);
  // By the owner's word: `done` is called when everything is removed.
  void Deregister(std::shared_ptr<command::Deregister> command, const SessionId& id,
                  base::Instant deadline, Done done);
  // Removes every instance whose session has ended or is absent.
  void Sweep();

 private:
  void RemoveInstances(const SessionId& id, Revision ended, std::shared_ptr<Done> done);

  committer::Committer& committer_;
  ClientCommands& commands_;
  const catalog::Catalog& catalog_;
  const base::Clock& clock_;
  const NodeId node_;
};

}  // namespace rollcall::flow
