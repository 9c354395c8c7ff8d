#include "server/health/session_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "google/protobuf/util/time_util.h"
#include "server/health/evidence.h"

namespace rollcall::health {

SessionTable::SessionTable(const Options& options, const Parts& parts)
    : options_(options),
      parts_(parts),
      accounted_(parts.clock, options.tick),
      node_(parts.random),
      book_(accounted_.now(), options.tick, tally_),
      homes_(options.node, options.sweeping, accounted_, parts.facts, book_),
      verdicts_(parts.executor, parts.writer, parts.facts, accounted_, book_,
                [this](Session& session, v1::Cause cause) { Ended(session, cause); }),
      evictions_(parts.executor, parts.clock, accounted_, parts.writer, parts.facts, book_,
                 verdicts_, tally_, parts.events,
                 [this](Session& session, v1::Cause cause) { Ended(session, cause); }),
      suspicions_(parts.executor, parts.clock, accounted_, book_, verdicts_, tally_, parts.events),
      drainer_(parts.executor, parts.clock, parts.random, book_, tally_),
      cut_off_(book_, drainer_, parts.servers),
      openings_({.executor = parts.executor,
                 .clock = parts.clock,
                 .accounted = accounted_,
                 .facts = parts.facts,
                 .writer = parts.writer,
                 .homes = homes_,
                 .book = book_,
                 .verdicts = verdicts_,
                 .node = node_,
                 .tally = tally_,
                 .servers = parts.servers,
                 .on_bound = [this](Session& session) { cut_off_.OnBound(session); }},
                options.max_streams) {
  openings_.Refuse(absl::UnavailableError("this node is starting"));
}

void SessionTable::Start() {
  if (started_) return;
  started_ = true;
  // Time that passed before now is nobody's silence.
  accounted_.RecordSelfBeat(parts_.clock.Steady());
  const base::Instant now = accounted_.Tick();
  homes_.Start(now);
  book_.GrantAll(now);
  openings_.Admit();
  Tick();
}

void SessionTable::Tick() {
  const base::Instant now = accounted_.Tick();
  for (const uint64_t number : book_.TakeDue(now)) {
    if (Session* session = book_.Find(number)) Check(*session);
  }
  evictions_.JudgeAll();
  openings_.RetryWaiting();
  SendHeld();
  drainer_.Look();
  parts_.executor.PostAt(parts_.clock.Steady() + options_.tick,
                         lifeline_.Guard([this] { Tick(); }));
}

void SessionTable::Check(Session& session) {
  if (session.doing != Verdict::kNone) return;  // Looked at again when that is done.
  if (session.want != Verdict::kNone) return verdicts_.Pursue(session);
  const base::Instant now = accounted_.now();
  if (session.Suspected()) {
    return book_.Deadline(session) <= now ? evictions_.Due(session) : book_.Rearm(session);
  }
  if (book_.OverdueAt(session) <= now) return verdicts_.Want(session, Verdict::kSuspectOverdue);
  if (session.reprieved_until && *session.reprieved_until <= now) {
    session.reprieved_until.reset();
    if (session.broken) return verdicts_.Want(session, Verdict::kSuspectBroken);
  }
  book_.Rearm(session);
}

void SessionTable::OnSessionChanged(const SessionId& id, SessionState state,
                                    v1::Cause ended_cause) {
  Session* session = book_.Find(id);
  if (state == internal::v1::SESSION_STATE_ENDED) {
    if (session != nullptr) Ended(*session, ended_cause);
    return;
  }
  const std::optional<SessionFact> fact = parts_.facts.Find(id);
  if (session == nullptr) {
    if (fact) homes_.Take(id, *fact, accounted_.Read().accounted);
    return;
  }
  if (fact && fact->home != session->home) session = Rehome(*session, *fact);
  if (session == nullptr) return;
  if (!verdicts_.Refresh(*session)) return;
  if (!session->Suspected()) session->held_since.reset();
  if (session->doing == Verdict::kNone) book_.Rearm(*session);
}

Session* SessionTable::Rehome(Session& session, const SessionFact& fact) {
  const base::Instant now = accounted_.Read().accounted;
  if (homes_.Here(fact.home)) {
    book_.BringHome(session, fact.home, now);
    return &session;
  }
  // No stream of ours tells any more whether the client lives.
  if (session.stream != nullptr) {
    session.stream->Close(absl::AbortedError("the session moved to another node"));
  }
  const SessionId id = session.id;
  book_.Remove(session);
  homes_.Take(id, fact, now);
  return nullptr;
}

void SessionTable::Ended(Session& session, v1::Cause cause) {
  if (session.doing == Verdict::kEvict && cause == v1::CAUSE_EXPIRED) {
    evictions_.CountEvicted(session);
  }
  if (session.stream != nullptr) {
    v1::KeepAliveResponse response;
    response.mutable_ended()->set_cause(cause);
    session.stream->stream().Send(std::move(response));
    session.stream->Close(absl::OkStatus());
  }
  book_.Remove(session);
}

void SessionTable::OnSuperseded(const SessionId& id, const InstanceName& name, LeaseEpoch newer) {
  Session* session = book_.Find(id);
  if (session == nullptr) return;
  evictions_.HeldChanged(*session);
  if (session->stream == nullptr) return;
  v1::KeepAliveResponse response;
  v1::KeepAliveResponse::Superseded& superseded = *response.mutable_superseded();
  superseded.mutable_key()->set_namespace_(name.service.ns);
  superseded.mutable_key()->set_service(name.service.service);
  superseded.mutable_key()->set_id(name.id);
  superseded.set_lease_epoch(newer.value());
  session->stream->stream().Send(std::move(response));
}

void SessionTable::OnHeldChanged(const SessionId& id) {
  Session* session = book_.Find(id);
  if (session == nullptr) return;
  evictions_.HeldChanged(*session);
  if (session->stream != nullptr) held_changed_.insert(id);
}

void SessionTable::SendHeld() {
  for (const SessionId& id : std::exchange(held_changed_, {})) {
    const Session* session = book_.Find(id);
    if (session == nullptr || session->stream == nullptr) continue;
    v1::KeepAliveResponse response;
    AppendHeld(parts_.facts, id, *response.mutable_held());
    session->stream->stream().Send(std::move(response));
  }
}

void SessionTable::UpdateRunning() {
  const bool running = store_reachable_ && presence_confirmed_;
  if (running == accounted_.running()) return;
  accounted_.SetRunning(running);
  if (running && !MUTANT(no_grace_after_an_outage)) book_.GrantAll(accounted_.now());
}

void SessionTable::SetStoreReachable(bool reachable) {
  store_reachable_ = reachable;
  UpdateRunning();
}

void SessionTable::SetReady(bool ready) {
  openings_.SetReady(ready);
  homes_.SetReady(ready);
}

void SessionTable::SetPresenceConfirmed(bool confirmed) {
  presence_confirmed_ = confirmed;
  UpdateRunning();
  openings_.SetPresenceConfirmed(confirmed);
  cut_off_.Set(!confirmed);
}

void SessionTable::Drain(absl::Duration over, std::vector<std::string> servers,
                         std::function<void()> done) {
  openings_.Refuse(absl::UnavailableError("this node is shutting down"));
  drainer_.Start(over, std::move(servers), [this, done = std::move(done)] {
    node_.Close(absl::UnavailableError("this node is shutting down"));
    done();
  });
}

absl::Status SessionTable::AdmitSession() const {
  if (tally_.sessions < options_.max_sessions) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("this node has ", options_.max_sessions, " sessions and takes no more"));
}

std::optional<v1::SessionInfo> SessionTable::Info(const SessionId& id) {
  using google::protobuf::util::TimeUtil;
  const std::optional<SessionFact> fact = parts_.facts.Find(id);
  if (!fact) return std::nullopt;
  v1::SessionInfo info;
  info.set_id(id.value());
  info.set_client_name(fact->client_name);
  info.set_state(std::string(StateWord(fact->state)));
  *info.mutable_ttl() = TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(fact->ttl));
  info.set_instances(static_cast<uint32_t>(parts_.facts.Held(id).size()));
  const Session* session = book_.Find(id);
  if (session == nullptr) return info;
  const absl::Duration age =
      std::max(accounted_.Read().accounted - book_.LastSign(*session), absl::ZeroDuration());
  *info.mutable_since_beat() = TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(age));
  info.set_connected(session->stream != nullptr);
  if (session->stream != nullptr) info.set_peer(session->stream->stream().peer());
  return info;
}

}  // namespace rollcall::health
