// Openings: answers the `open` of a stream: binds it to its session, or says why not.
//
// A node never denies what it may merely not know yet: an open that carries a newer revision than
// this node has applied, or whose session is just being evicted, waits for up to kRevisionWait and
// is then answered UNAVAILABLE. A session that is at home on another node is brought home first,
// and one that is not known is denied only after a look at everything that was acknowledged
// anywhere; where the store cannot be asked for these, UNAVAILABLE lets the client stay where it
// is. A stream that never opens is ended with DEADLINE_EXCEEDED.
//
// Belongs to the health executor.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "rollcall/v1/registry.pb.h"
#include "server/health/accounted_clock.h"
#include "server/health/homes.h"
#include "server/health/node_session.h"
#include "server/health/session_book.h"
#include "server/health/session_edges.h"
#include "server/health/session_facts.h"
#include "server/health/stream_binding.h"
#include "server/health/verdicts.h"
#include "server/model/server_source.h"

namespace rollcall::health {

class Openings {
 public:
  static constexpr absl::Duration kOpenWithin = absl::Seconds(10);
  using OpenMessage = v1::KeepAliveRequest::Open;

  // Called when a stream was bound and answered.
  using OnBound = std::function<void(Session&)>;

  struct Parts {
    base::Executor& executor;
    const base::Clock& clock;
    AccountedClock& accounted;
    const SessionFacts& facts;
    SessionWriter& writer;
    const Homes& homes;
    SessionBook& book;
    Verdicts& verdicts;
    NodeSession& node;
    HealthTally& tally;
    ServerSource servers;
    OnBound on_bound;
  };
  Openings(Parts parts, size_t max_streams) : parts_(std::move(parts)), max_streams_(max_streams) {}

  // A stream that must open within kOpenWithin.
  void Expect(Binding binding);
  void Open(Binding binding, OpenMessage open);
  // Tries those that wait again, and ends those that say nothing; to be called once per tick.
  void RetryWaiting();
  // While this node has yet to catch up with the store, only sessions at home here are served.
  void SetReady(bool ready) { ready_ = ready; }
  // While others may take this node for gone, no session is brought home here.
  void SetPresenceConfirmed(bool confirmed) { presence_confirmed_ = confirmed; }
  // From now on answers everyone with `why`, until Admit.
  void Refuse(absl::Status why) { refusal_ = std::move(why); }
  void Admit() { refusal_.reset(); }

 private:
  // What an open lacks before it can be answered.
  enum class Lacks : uint8_t {
    kNothing,    // it was answered
    kTime,       // it may be answered later
    kHome,       // the session's home is to be here
    kCertainty,  // that what is not known here is not known anywhere
  };
  struct Waiting {
    Binding binding;
    OpenMessage open;
    base::Instant until;     // steady
    bool confirmed = false;  // this node knows all that was acknowledged before it came
    absl::Status why = {};   // it has to wait
  };
  struct Silent {
    Binding binding;
    base::Instant until;  // steady
  };
  void EndSilent();
  void EndAsked();
  void Proceed(Waiting waiting);
  Lacks Try(Waiting& waiting);
  Lacks TryUnknown(Waiting& waiting);
  Lacks TrySession(Waiting& waiting, const SessionId& id, const SessionFact& fact);
  void Ask(Waiting waiting, Lacks what);
  void Heard(uint64_t ticket, Lacks what, const absl::Status& status);
  void Bind(const Binding& binding, Session& session);
  bool HasRoom(const Session* session) const;

  const Parts parts_;
  const size_t max_streams_;

  std::optional<absl::Status> refusal_;
  bool ready_ = true;
  bool presence_confirmed_ = true;
  std::vector<Waiting> waiting_;
  // Those that wait for an answer from the store.
  std::map<uint64_t, Waiting> asked_;
  uint64_t last_ticket_ = 0;
  std::deque<Silent> silent_;  // oldest first
  base::Lifeline lifeline_;
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
