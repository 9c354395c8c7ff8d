// ClientCommands: submits what clients ask for. That there is no such thing (NOT_FOUND), and that
// nothing is to be done for it is so already, is answered only after a second decision on
// everything that was acknowledged anywhere: this node may merely not know yet.
//
// Lives on the core executor.
#pragma once

#include <functional>
#include <memory>

#include "server/committer/committer.h"
#include "server/flow/catch_up.h"

namespace rollcall::flow {

class ClientCommands {
 public:
  using Done = committer::Committer::Done;

  ClientCommands(committer::Committer& committer, CatchUp& catch_up)
      : committer_(committer), catch_up_(catch_up) {}

  // As Committer::Submit; UNAVAILABLE if this node cannot find out in time what it does not know.
  void Submit(std::shared_ptr<command::Command> command, base::Instant deadline, Done done,
              std::function<bool()> cancelled = nullptr);

 private:
  committer::Committer& committer_;
  CatchUp& catch_up_;
};

}  // namespace rollcall::flow
