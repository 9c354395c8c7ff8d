// SessionVerdicts: commits what the session table found out (health::SessionWriter over the
// committer).
//
// Lives on the core executor.
#pragma once

#include <string>

#include "server/committer/committer.h"
#include "server/flow/catch_up.h"
#include "server/flow/session_closer.h"
#include "server/health/session_edges.h"

namespace rollcall::flow {

class SessionVerdicts final : public health::SessionWriter {
 public:
  // `node` is this one.
  SessionVerdicts(committer::Committer& committer, SessionCloser& closer, CatchUp& catch_up,
                  const base::Clock& clock, NodeId node)
      : committer_(committer),
        closer_(closer),
        catch_up_(catch_up),
        clock_(clock),
        node_(std::move(node)) {}

  void Suspect(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override;
  void Renew(const SessionId& id, std::string evidence, Done done) override;
  void Leave(const SessionId& id, std::string evidence, Done done) override;
  void End(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override;
  void MoveHome(const SessionId& id, std::string evidence, Done done) override;
  void Confirm(Done done) override;

 private:
  void Move(const SessionId& id, internal::v1::SessionState to, v1::Cause cause,
            std::string evidence, Done done);

  committer::Committer& committer_;
  SessionCloser& closer_;
  CatchUp& catch_up_;
  const base::Clock& clock_;
  const NodeId node_;
};

}  // namespace rollcall::flow
