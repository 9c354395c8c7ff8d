#include "server/flow/session_verdicts.h"

#include <memory>
#include <utility>

#include "server/command/session_commands.h"
#include "server/model/limits.h"

namespace rollcall::flow {
namespace {

constexpr absl::Duration kVerdictDeadline = absl::Seconds(10);

}  // namespace

void SessionVerdicts::Move(const SessionId& id, internal::v1::SessionState to, v1::Cause cause,
                           std::string evidence, Done done) {
  committer_.Submit(std::make_shared<command::MoveSession>(
                        id, to, command::Reason{cause, node_.value(), std::move(evidence)}, node_),
                    clock_.Steady() + kVerdictDeadline, std::move(done));
}

void SessionVerdicts::Suspect(const SessionId& id, v1::Cause cause, std::string evidence,
                              Done done) {
  Move(id, internal::v1::SESSION_STATE_SUSPECT, cause, std::move(evidence), std::move(done));
}

void SessionVerdicts::Renew(const SessionId& id, std::string evidence, Done done) {
  Move(id, internal::v1::SESSION_STATE_LIVE, v1::CAUSE_RENEWED, std::move(evidence),
       std::move(done));
}

void SessionVerdicts::Leave(const SessionId& id, std::string evidence, Done done) {
  Move(id, internal::v1::SESSION_STATE_LEAVING, v1::CAUSE_LEAVING, std::move(evidence),
       std::move(done));
}

void SessionVerdicts::End(const SessionId& id, v1::Cause cause, std::string evidence, Done done) {
  closer_.End(id, {cause, node_.value(), std::move(evidence)}, std::move(done));
}

void SessionVerdicts::MoveHome(const SessionId& id, std::string evidence, Done done) {
  committer_.Submit(std::make_shared<command::MoveHome>(id, node_, std::move(evidence)),
                    clock_.Steady() + kRevisionWait, std::move(done));
}

void SessionVerdicts::Confirm(Done done) {
  catch_up_.Run(clock_.Steady() + kRevisionWait, std::move(done));
}

}  // namespace rollcall::flow
