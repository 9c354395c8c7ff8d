// Openings: answers the `open` of a stream: binds it to its session, or says why not.
//
// A node never denies what it may merely not know yet: an open that carries a newer revision than
// this node has applied, or whose session is just being evicted, waits for up to kRevisionWait and
// is then answered UNAVAILABLE. A stream that never opens is ended with DEADLINE_EXCEEDED.
//
// Belongs to the health executor.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "rollcall/v1/registry.pb.h"
#include "server/health/accounted_clock.h"
#include "server/health/node_session.h"
#include "server/health/session_book.h"
#include "server/health/session_facts.h"
#include "server/health/stream_binding.h"
#include "server/health/verdicts.h"
#include "server/model/server_source.h"

namespace rollcall::health {

class Openings {
 public:
  static constexpr absl::Duration kOpenWithin = absl::Seconds(10);
  using OpenMessage = v1::KeepAliveRequest::Open;

  Openings(const base::Clock& clock, AccountedClock& accounted, const SessionFacts& facts,
           SessionBook& book, Verdicts& verdicts, NodeSession& node, HealthTally& tally,
           size_t max_streams, ServerSource servers)
      : clock_(clock),
        accounted_(accounted),
        facts_(facts),
        book_(book),
        verdicts_(verdicts),
        node_(node),
        tally_(tally),
        max_streams_(max_streams),
        servers_(std::move(servers)) {}

  // A stream that must open within kOpenWithin.
  void Expect(Binding binding);
  void Open(Binding binding, OpenMessage open);
  // Tries those that wait again, and ends those that say nothing; to be called once per tick.
  void RetryWaiting();
  // From now on answers everyone with `why`, until Admit.
  void Refuse(absl::Status why) { refusal_ = std::move(why); }
  void Admit() { refusal_.reset(); }

 private:
  struct Waiting {
    Binding binding;
    OpenMessage open;
    base::Instant until;  // steady
  };
  struct Silent {
    Binding binding;
    base::Instant until;  // steady
  };
  void EndSilent();
  // OK: answered, whatever the answer. Else why it has to wait.
  absl::Status Try(const Binding& binding, const OpenMessage& open);
  absl::Status TrySession(const Binding& binding, const SessionId& id, const SessionFact& fact);
  void Bind(const Binding& binding, Session& session);
  bool HasRoom(const Session* session) const;

  const base::Clock& clock_;
  AccountedClock& accounted_;
  const SessionFacts& facts_;
  SessionBook& book_;
  Verdicts& verdicts_;
  NodeSession& node_;
  HealthTally& tally_;
  const size_t max_streams_;
  const ServerSource servers_;

  std::optional<absl::Status> refusal_;
  std::vector<Waiting> waiting_;
  std::deque<Silent> silent_;  // oldest first
};

// The list of what the registry holds for a session, as clients are told.
template <typename Message>
void AppendHeld(const SessionFacts& facts, const SessionId& id, Message& message) {
  for (const HeldFact& fact : facts.Held(id)) {
    v1::HeldInstance& held = *message.add_instances();
    held.mutable_key()->set_namespace_(fact.name.service.ns);
    held.mutable_key()->set_service(fact.name.service.service);
    held.mutable_key()->set_id(fact.name.id);
    held.set_lease_epoch(fact.lease_epoch.value());
  }
}

}  // namespace rollcall::health
