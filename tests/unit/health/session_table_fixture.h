// The fixture of the session table's tests: a node with its own heartbeat, a registry, and clients
// that open, beat, leave and die, all under virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/health/keep_alive_protocol.h"
#include "server/health/session_table.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/health/fake_registry.h"
#include "tests/unit/health/fake_stream.h"

namespace rollcall::health {

struct RecordedEvents final : HealthEvents {
  void BrakeEngaged(const v1::BrakeInfo& brake) override { engaged.push_back(brake); }
  void BrakeEnded(const v1::BrakeInfo& brake, absl::string_view why) override {
    ended.emplace_back(brake, why);
  }
  void BrakeReleased(const ServiceName& service, absl::string_view actor, uint32_t held) override {
    released.push_back(absl::StrCat(service.service, " by ", actor, ": ", held));
  }
  void BreaksSuppressed(size_t sessions) override { suppressed.push_back(sessions); }

  std::vector<v1::BrakeInfo> engaged;
  std::vector<std::pair<v1::BrakeInfo, std::string>> ended;
  std::vector<std::string> released;
  std::vector<size_t> suppressed;
};

// One client stream, from the client's side.
class Client {
 public:
  Client(SessionTable& table, const std::string& peer)
      : stream(std::make_shared<FakeStream>(peer)), protocol(table, stream) {}

  void Open(const std::string& id, const std::string& secret, uint64_t revision = 0,
            const std::string& store_id = "") {
    v1::KeepAliveRequest request;
    request.mutable_open()->set_session_id(id);
    request.mutable_open()->set_session_secret(secret);
    request.mutable_open()->set_revision(revision);
    request.mutable_open()->set_store_id(store_id);
    protocol.OnMessage(request);
  }
  void Beat(uint64_t sequence = 1, bool want_ack = false) {
    v1::KeepAliveRequest request;
    request.mutable_beat()->set_sequence(sequence);
    request.mutable_beat()->set_want_ack(want_ack);
    protocol.OnMessage(request);
  }
  void Leave(v1::KeepAliveRequest::Reason reason) {
    v1::KeepAliveRequest request;
    request.mutable_leave()->set_reason(reason);
    protocol.OnMessage(request);
  }
  void Break() { protocol.OnEnd("the connection was lost"); }
  bool open() { return !stream->closed().has_value(); }

  const std::shared_ptr<FakeStream> stream;
  KeepAliveProtocol protocol;
};

class SessionTableTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kTtl = absl::Seconds(9);
  static constexpr absl::Duration kTick = absl::Milliseconds(20);
  using Commits = std::vector<std::string>;

  SessionTableTest() { MakeTable({}); }

  void MakeTable(SessionTable::Options options) {
    options.node = NodeId(FakeRegistry::kNode);
    node_client_.reset();
    table_.reset();
    table_ = std::make_unique<SessionTable>(
        options, SessionTable::Parts{executor_, clock_, random_, registry_, registry_, events_,
                                     [this] { return servers_; }});
    registry_.set_changed([this](const SessionId& id, SessionState state, v1::Cause cause) {
      table_->OnSessionChanged(id, state, cause);
    });
  }
  // Starts the table and the node's own heartbeat.
  void Start() {
    table_->Start();
    node_client_ = std::make_unique<Client>(*table_, "ipv4:127.0.0.1:1");
    node_client_->Open(table_->node_session_id().value(), table_->node_session_secret());
    executor_.RunReady();
    NodeBeats();
  }
  void AdvanceBy(absl::Duration d) { executor_.AdvanceBy(d); }

  // A session in the registry, holding an instance of `service`.
  SessionId Register(const std::string& id, const std::string& service = "billing",
                     const std::string& zone = "a") {
    const SessionId session(id);
    registry_.AddSession(session, SecretOf(id), kTtl);
    registry_.AddInstance(session, service, zone);
    table_->OnSessionChanged(session, internal::v1::SESSION_STATE_LIVE, v1::CAUSE_UNSPECIFIED);
    return session;
  }
  static std::string SecretOf(const std::string& id) { return id + "-secret"; }
  std::unique_ptr<Client> Connect(const SessionId& id, const std::string& peer = "") {
    const std::string from = peer.empty() ? absl::StrCat("ipv4:10.0.0.1:", ++port_) : peer;
    auto client = std::make_unique<Client>(*table_, from);
    client->Open(id.value(), SecretOf(id.value()));
    executor_.RunReady();
    return client;
  }
  // Registers and opens; the opening's answers are taken off the stream.
  std::unique_ptr<Client> Join(const std::string& id, const std::string& peer = "") {
    auto client = Connect(Register(id), peer);
    client->stream->TakeSent();
    return client;
  }
  // Beats each third of the TTL until `end`, among everything else.
  void KeepBeating(Client& client, absl::Duration for_time) {
    for (absl::Duration t; t <= for_time; t += kTtl / 3) {
      executor_.PostAt(clock_.Steady() + t, [&client] { client.Beat(); });
    }
  }

  // "SUSPECT a STREAM_BROKEN" and so on, since the last call.
  Commits TakeCommits() {
    Commits lines;
    for (const FakeRegistry::Commit& commit : registry_.TakeCommits()) {
      evidence_ = commit.evidence;
      if (commit.verb == "CONFIRM") {
        lines.push_back(commit.verb);
        continue;
      }
      if (commit.verb == "HOME") {
        lines.push_back(absl::StrCat("HOME ", commit.id.value()));
        continue;
      }
      lines.push_back(absl::StrCat(commit.verb, " ", commit.id.value(), " ",
                                   v1::Cause_Name(commit.cause).substr(6)));
    }
    return lines;
  }
  SessionState StateOf(const SessionId& id) { return registry_.StateOf(id); }

  void NodeBeats() {
    if (!node_beats_) return;
    node_client_->Beat();
    executor_.PostAt(clock_.Steady() + NodeSession::kBeatInterval, [this] { NodeBeats(); });
  }

  rollcall::testing::FakeClock clock_;
  rollcall::testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{1};
  FakeRegistry registry_{executor_};
  ServerNames servers_;
  RecordedEvents events_;
  std::unique_ptr<SessionTable> table_;
  std::unique_ptr<Client> node_client_;
  bool node_beats_ = true;
  int port_ = 40000;
  std::string evidence_;  // of the last commit taken
};

}  // namespace rollcall::health
