// What happens to a session: it becomes suspect, comes back, leaves, ends, gets another home; and
// the removal of instances whose session has ended.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

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
//
// A session is judged by its home. Another node (`by`) may do it only while the home is not
// present, and the transaction is guarded on that too: a session that has moved, or whose home is
// back, is left alone with FAILED_PRECONDITION.
//
// What was found wanting (SUSPECT, ENDED) holds for the state and the home that the session had
// when the command was submitted: if either is another when it is decided, it is left alone too.
// And it is withdrawn (UNAVAILABLE) rather than done late, when the store does not answer.
class MoveSession final : public Command {
 public:
  MoveSession(SessionId id, internal::v1::SessionState to, Reason reason, NodeId by)
      : id_(std::move(id)), to_(to), reason_(std::move(reason)), by_(std::move(by)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;
  void Begin(const Facts& facts) override;
  std::optional<Change> Withdrawal(const Facts& facts, const WriteContext& context) const override;

 private:
  struct Judged {
    Revision state;
    std::string home;
  };
  bool Judges() const;

  const SessionId id_;
  const internal::v1::SessionState to_;
  const Reason reason_;
  const NodeId by_;
  std::optional<Judged> judged_;
};

// Gives a session another home: the node on which its client has opened a stream. That is a sign of
// life: a suspect session becomes live. One that is live or leaving stays so and its instances do
// not change, so no watcher hears of it.
//
// At home there already, and not suspect: nothing to do. Ended: FAILED_PRECONDITION; unknown:
// NOT_FOUND. Withdrawn (UNAVAILABLE) when the store does not answer: by then the client may be
// elsewhere.
class MoveHome final : public Command {
 public:
  MoveHome(SessionId id, NodeId to, std::string evidence)
      : id_(std::move(id)), to_(std::move(to)), evidence_(std::move(evidence)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;
  std::optional<Change> Withdrawal(const Facts& facts, const WriteContext& context) const override;

 private:
  const SessionId id_;
  const NodeId to_;
  const std::string evidence_;
};

// Ends a session as MoveSession does, and removes the instances that go with it (GoWithSession);
// those of a session that holds more are left to RemoveOrphans.
class EndSession final : public Command {
 public:
  EndSession(SessionId id, Reason reason, NodeId by)
      : id_(id), reason_(reason), move_(id, internal::v1::SESSION_STATE_ENDED, reason, by) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;
  void Begin(const Facts& facts) override { move_.Begin(facts); }
  std::optional<Change> Withdrawal(const Facts& facts, const WriteContext& context) const override {
    return move_.Withdrawal(facts, context);
  }
  bool can_wait() const override { return true; }

 private:
  const SessionId id_;
  const Reason reason_;
  MoveSession move_;
};

// Removes instances that are still registered under a session that has ended. Leaves alone what is
// gone or belongs to another session by now.
class RemoveOrphans final : public Command {
 public:
  // At most kAtomicRegistrationInstances.
  RemoveOrphans(SessionId session, std::vector<InstanceName> names)
      : session_(std::move(session)), names_(std::move(names)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;
  bool can_wait() const override { return true; }

 private:
  const SessionId session_;
  const std::vector<InstanceName> names_;
};

}  // namespace rollcall::command
