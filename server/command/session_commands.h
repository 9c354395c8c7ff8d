// What happens to a session: it becomes suspect, comes back, leaves, ends; and the removal of an
// instance whose session has ended.
#pragma once

#include <string>

#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

// Moves a session to a state, if it is in one from which that is possible:
//
//   from \ to   LIVE   SUSPECT   LEAVING   ENDED
//   LIVE         -        x         x        x
//   SUSPECT      x        -         x        x
//   LEAVING      -        x         -        x
//   ENDED        -        -         -        -
//
// Already there: nothing to do. Not possible: FAILED_PRECONDITION; unknown: NOT_FOUND.
class MoveSession final : public Command {
 public:
  MoveSession(SessionId id, internal::v1::SessionState to, Reason reason)
      : id_(std::move(id)), to_(to), reason_(std::move(reason)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const SessionId id_;
  const internal::v1::SessionState to_;
  const Reason reason_;
};

// Removes an instance that is still registered under a session that has ended. Nothing to do when
// it is gone or belongs to another session by now.
class RemoveOrphan final : public Command {
 public:
  RemoveOrphan(SessionId session, InstanceName name)
      : session_(std::move(session)), name_(std::move(name)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const SessionId session_;
  const InstanceName name_;
};

}  // namespace rollcall::command
