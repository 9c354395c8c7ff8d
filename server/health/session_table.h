// SessionTable: who is alive among the sessions that are at home on this node; on the node that
// sweeps, also among those whose home is gone.
//
// Binds clients' streams, hears their heartbeats, and finds out who broke off, who is late, and
// whose deadline has passed; each such finding is committed through the SessionWriter and comes
// back as a change of the catalog. It decides nothing by itself alone: it joins the parts that do
// (see the members), feeds them ticks, and answers questions.
//
// Guarantees: no session is evicted before its TTL of accounted time has passed without a
// heartbeat, nor after a restart or an outage of the store before a full TTL; no acknowledged
// heartbeat is ignored by an eviction; at most one tick and one commit after its deadline a silent
// session is gone, unless a brake holds it.
//
// Threading: everything runs on the executor it is handed, which is also where the catalog is
// changed. Calls marked "any thread" are thread-safe: Beat is a leaf that stores and never blocks;
// the others post. It may be destroyed only when no gRPC thread can call it, on the executor's
// thread or after the executor has stopped. See docs/life_of_a_heartbeat.md.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "rollcall/v1/operations.pb.h"
#include "rollcall/v1/registry.pb.h"
#include "server/health/accounted_clock.h"
#include "server/health/cut_off.h"
#include "server/health/drainer.h"
#include "server/health/evictions.h"
#include "server/health/health_counters.h"
#include "server/health/health_events.h"
#include "server/health/homes.h"
#include "server/health/node_session.h"
#include "server/health/openings.h"
#include "server/health/session_book.h"
#include "server/health/session_edges.h"
#include "server/health/session_facts.h"
#include "server/health/stream_binding.h"
#include "server/health/suspicion_collector.h"
#include "server/health/verdicts.h"
#include "server/model/limits.h"
#include "server/model/server_source.h"

namespace rollcall::health {

class SessionTable {
 public:
  struct Options {
    // Sessions with this home are judged here.
    NodeId node = {};
    // As SetSweeping says later.
    bool sweeping = true;
    absl::Duration tick = absl::Milliseconds(20);
    size_t max_sessions = kMaxSessionsPerNode;
    size_t max_streams = kMaxStreamsPerNode;
  };
  // `random` must be good for secrets.
  struct Parts {
    base::Executor& executor;
    const base::Clock& clock;
    base::Random& random;
    const SessionFacts& facts;
    SessionWriter& writer;
    HealthEvents& events;
    // Told to every client that opens, or is sent elsewhere by SetPresenceConfirmed; may be null.
    ServerSource servers = nullptr;
  };

  SessionTable(const Options& options, const Parts& parts);
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  // On the executor, once, when the catalog is loaded: takes over every session that is this node's
  // to judge with its full TTL, and starts to tick. Until then every open is answered UNAVAILABLE.
  void Start();

  // Streams; any thread. KeepAliveProtocol makes these calls.
  void Expect(Binding binding);  // A stream whose open is yet to come.
  void Open(Binding binding, v1::KeepAliveRequest::Open open);
  // Whether an acknowledgement is to be sent now.
  bool Beat(const Binding& binding, uint64_t sequence, bool want_ack);
  void Leave(Binding binding, v1::KeepAliveRequest::Reason reason);
  // The stream is gone; `how` completes "its stream ended: ".
  void StreamEnded(Binding binding, std::string how);
  // Ends the stream from here, because of what the client sent.
  void Reject(Binding binding, absl::Status why);
  // RESOURCE_EXHAUSTED if this node has all the sessions it may; asked before one is opened.
  absl::Status AdmitSession() const;
  HealthCounters counters() const { return tally_.Snapshot(); }

  // What the node's own client opens and beats, every NodeSession::kBeatInterval. Any thread.
  const SessionId& node_session_id() const { return node_.id(); }
  const std::string& node_session_secret() const { return node_.secret(); }

  // What the replica applied; on the executor, after the catalog has it. `ended_cause` counts only
  // with ENDED, which is also said of a session that is gone from the catalog. A session whose home
  // is now elsewhere leaves, and its stream is closed with ABORTED.
  void OnSessionChanged(const SessionId& id, SessionState state, v1::Cause ended_cause);
  void OnSuperseded(const SessionId& id, const InstanceName& name, LeaseEpoch newer);
  void OnHeldChanged(const SessionId& id);

  // On the executor. While the store cannot be reached no deadline advances; when it can be again,
  // every session has its full TTL.
  void SetStoreReachable(bool reachable);
  // On the executor. While this node sweeps and is ready, it judges also the sessions whose home is
  // not present: each has its TTL and SessionBook::kOrphanGrace from when this node saw that, or
  // from when the last of the two began, and is suspect after a third of its TTL.
  void SetSweeping(bool sweeping) { homes_.SetSweeping(sweeping); }
  // On the executor, when the catalog says so.
  void OnNodePresenceChanged(const NodeId& node, bool present) {
    homes_.OnNodePresenceChanged(node, present);
  }
  // On the executor. While this node has yet to catch up with the store (true at first), it denies
  // and moves no session: opens of those that are not at home here are answered UNAVAILABLE.
  void SetReady(bool ready);
  // On the executor. Unconfirmed (it is confirmed at first): clients are told to try other nodes,
  // and are served until they have gone; no session is brought home here; and as while the store
  // cannot be reached no deadline advances, for others may judge what is at home here.
  void SetPresenceConfirmed(bool confirmed);
  // What clients are told: the store can be reached and this node's presence is confirmed. Any
  // thread.
  bool store_reachable() const { return accounted_.running() && presence_confirmed_; }

  // On the executor: see drainer.h. `done` is called once no stream is left.
  void Drain(absl::Duration over, std::vector<std::string> servers, std::function<void()> done);

  // For operators; on the executor.
  std::optional<v1::SessionInfo> Info(const SessionId& id);
  std::vector<v1::BrakeInfo> Brakes() const { return evictions_.Brakes(); }
  uint32_t ReleaseBrake(const ServiceName& service, absl::string_view actor) {
    return evictions_.Release(service, actor);
  }

 private:
  void Tick();
  void Check(Session& session);
  void RenewFromBeat(uint64_t number);
  void LateBeat(const Binding& binding, uint64_t sequence, bool want_ack);
  void HandleLeave(const Binding& binding, v1::KeepAliveRequest::Reason reason);
  void HandleStreamEnded(const Binding& binding, std::string how);
  // The session whose stream this is; nullptr if it is none's any more.
  Session* SessionOf(const Binding& binding);
  void Ended(Session& session, v1::Cause cause);
  // Its home is another now; null: it is not this node's to judge any more.
  Session* Rehome(Session& session, const SessionFact& fact);
  void SendHeld();
  // Lets time count, or not.
  void UpdateRunning();
  template <typename F>
  void Post(F f) {
    parts_.executor.Post(lifeline_.Guard(std::move(f)));
  }

  const Options options_;
  const Parts parts_;
  AccountedClock accounted_;
  HealthTally tally_;
  NodeSession node_;
  SessionBook book_;
  Homes homes_;
  Verdicts verdicts_;
  Evictions evictions_;
  SuspicionCollector suspicions_;
  Drainer drainer_;
  CutOff cut_off_;
  Openings openings_;

  bool started_ = false;
  bool store_reachable_ = true;
  std::atomic<bool> presence_confirmed_{true};
  std::set<SessionId> held_changed_;  // told with the next tick, once however often it changed
  base::Lifeline lifeline_;
};

}  // namespace rollcall::health
