// SessionVerdicts: commits what the session table found out (health::SessionWriter over the
// committer).
//
// Lives on the core executor.
#pragma once

#include <string>

#include "server/committer/committer.h"
#include "server/flow/session_closer.h"
#include "server/health/session_edges.h"

namespace rollcall::flow {

class SessionVerdicts final : public health::SessionWriter {
 public:
  // `actor` is this node's id.
  SessionVerdicts(committer::Committer& committer, SessionCloser& closer, const base::Clock& clock,
                  std::string actor)
      : committer_(committer), closer_(closer), clock_(clock), actor_(std::move(actor)) {}

  void Suspect(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override;
  void Renew(const SessionId& id, std::string evidence, Done done) override;
  void Leave(const SessionId& id, std::string evidence, Done done) override;
  void End(const SessionId& id, v1::Cause cause, std::string evidence, Done done) override;

 private:
  void Move(const SessionId& id, internal::v1::SessionState to, v1::Cause cause,
            std::string evidence, Done done);

  committer::Committer& committer_;
  SessionCloser& closer_;
  const base::Clock& clock_;
  const std::string actor_;
};

}  // namespace rollcall::flow
