// The fixture of the tests of sessions across nodes: this node, and another one at home on which
// sessions may be.
#pragma once

#include <memory>
#include <string>

#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {

class HomeTest : public SessionTableTest {
 protected:
  static constexpr char kOther[] = "node-2";
  static constexpr absl::Duration kGrace = SessionBook::kOrphanGrace;

  void SetUp() override {
    registry_.set_present(kOther, true);
    Start();
  }
  // A session that is at home on another node.
  SessionId Elsewhere(const std::string& id,
                      SessionState state = internal::v1::SESSION_STATE_LIVE) {
    const SessionId session(id);
    registry_.AddSession(session, SecretOf(id), kTtl, state, kOther);
    registry_.AddInstance(session, "billing", "a");
    table_->OnSessionChanged(session, state, v1::CAUSE_UNSPECIFIED);
    return session;
  }
  void OtherNode(bool present) {
    registry_.set_present(kOther, present);
    table_->OnNodePresenceChanged(NodeId(kOther), present);
  }
  absl::StatusCode ClosedWith(Client& client) {
    const auto status = client.stream->closed();
    return status ? status->code() : absl::StatusCode::kUnknown;
  }
  std::string Message(Client& client) { return std::string(client.stream->closed()->message()); }
  bool Opened(Client& client) {
    for (const auto& sent : client.stream->TakeSent()) {
      if (sent.has_opened()) return true;
    }
    return false;
  }
  size_t Moves(Client& client) {
    size_t moves = 0;
    for (const auto& sent : client.stream->TakeSent()) moves += sent.has_move_to();
    return moves;
  }
  HealthCounters Counters() { return table_->counters(); }
};

}  // namespace rollcall::health
