// Session: keeps a group of instances registered under one session of the registry.
//
// It registers what is new or changed (one request at a time, so a burst becomes one batch), holds
// a KeepAlive stream, compares what the registry says it holds with what it should hold and repairs
// the difference; when the session is lost it opens a new one and registers all again by itself.
//
// An instance that another process took is left alone for ever (kSuperseded). Two cases need care:
// * FAILED_PRECONDITION can mean "this session has ended" or "this instance was taken"; the session
//   is opened again to learn which, before anything else is sent.
// * After the loss of a session, an instance is looked up before it is registered again: someone
//   else may have it by now.
//
//   phase      what it means                                     leaves by
//   kActive    registering, beating, repairing                   FAILED_PRECONDITION, loss, leaving
//   kDoubting  asks the stream what FAILED_PRECONDITION meant    opened → kActive, ended → kLost
//   kLost      waits (jitter), looks instances up                all looked up → kActive
//   kLeaving   draining or deregistering as a whole              deregistered → kGone
//   kGone      over; destroy it
//
// Belongs to the core's executor.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/core_context.h"
#include "client-sdk/src/registration_handle.h"
#include "client-sdk/src/session_link.h"

namespace rollcall::sdk {

class Session final : public SessionLink::Events {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  // `on_gone` is called when the session is over; it may destroy the session.
  Session(CoreContext& context, absl::Duration ttl, absl::AnyInvocable<void()> on_gone);
  ~Session() override;

  absl::Duration ttl() const { return ttl_; }
  // False once it leaves: new instances need another session.
  bool accepts() const { return phase_ != Phase::kLeaving && phase_ != Phase::kGone; }
  bool Has(const std::string& key) const { return entries_.contains(key); }
  size_t size() const { return entries_.size(); }

  // `key` is "service/id", unique.
  void Add(const std::string& key, std::shared_ptr<RegistrationHandle> handle,
           v1::InstanceSpec spec);
  void Change(const std::string& key, absl::AnyInvocable<void(v1::InstanceSpec&)> change);
  // One of several: weight 0. The last: the whole session leaves.
  void Drain(const std::string& key);
  void DrainAll();
  // Drains, waits for the drain time and deregisters.
  void Remove(const std::string& key, Done done);
  void RemoveAll();
  // Moves to the preferred server, sometime soon.
  void Spread();

 private:
  enum class Phase { kActive, kDoubting, kLost, kLeaving, kGone };

  struct Entry {
    std::shared_ptr<RegistrationHandle> handle;
    v1::InstanceSpec spec;
    // Changes of `spec`, and the one that the registry has (0: none).
    uint64_t version = 1;
    uint64_t synced = 0;
    uint64_t lease_epoch = 0;
    bool superseded = false;
    // An attempt may have taken effect without our hearing of it.
    bool unsure = false;
    // Refused in company, or refused before: sent on its own from now on.
    bool alone = false;
    base::Instant not_before;
    base::Backoff refusals{absl::Seconds(1), absl::Seconds(30)};
    bool in_flight = false;
    std::optional<base::Instant> drained_at;
    std::vector<Done> removal;  // Not empty: is to be removed.
    base::Instant remove_at;
    base::Instant give_up_at;

    bool removing() const { return !removal.empty(); }
    bool dirty() const { return !superseded && synced != version; }
  };
  using Entries = std::map<std::string, Entry>;
  struct Sent {
    std::string key;
    uint64_t version;
  };

  // Registering: session.cc.
  void Open();  // Chooses a new id and secret.
  void Pump();  // Starts whatever is due, if nothing is under way.
  void PumpAt(base::Instant when);
  void PumpSoon();
  std::vector<Sent> NextBatch();
  void SendBatch(std::vector<Sent> batch);
  void OnRegistered(const std::vector<Sent>& batch, const std::string& server,
                    absl::StatusOr<v1::RegisterResponse> response);
  void OnHeldByRegistry(const std::vector<Sent>& batch, const v1::RegisterResponse& response);
  void OnRefused(const std::vector<Sent>& batch, const absl::Status& status);
  void MarkUnsure(const std::vector<Sent>& batch, const absl::Status& status);
  void Report(Entry& entry, RegistrationState state, absl::Status error = absl::OkStatus());
  void ReportAll(RegistrationState state, const absl::Status& error);
  void Supersede(Entry& entry, const absl::Status& why);

  // Leaving: session_removal.cc.
  bool PumpRemovals();
  void SendRemoval(std::vector<std::string> keys, bool whole);
  void OnRemoved(const std::vector<std::string>& keys, bool whole, const std::string& server,
                 absl::StatusOr<v1::DeregisterResponse> response);
  void Complete(const std::string& key, const absl::Status& status);
  void Leave();
  void EndIfEmpty();
  bool NothingToDrain(const Entry& entry) const;
  void MakeStray(const std::string& key, const Entry& entry);

  // Why it is to have its stream at another server. A move opens there first and then closes the
  // old stream; if it fails, the old one goes on.
  enum class Move {
    kNone,
    kSpread,     // to the preferred server; tried once
    kSilent,     // the server says nothing; tried once, for the stream will soon count as broken
    kAsked,      // the server goes away; tried until it works
    kStoreAway,  // it has lost its store; tried until it works or the store is back
  };

  // The stream: session_stream.cc.
  void OnMessage(SessionLink& link, const v1::KeepAliveResponse& message) override;
  void OnSilent(SessionLink& link) override;
  void OnBroken(SessionLink& link, absl::Status why) override;
  void EnsureLink();
  void EnsureLinkLater();
  void ReopenLink();
  std::unique_ptr<SessionLink> MakeLink(const std::string& server);
  void OnOpened(SessionLink& link);
  void OnLinkBroken(absl::Status why);
  void ReportAway(const absl::Status& why);  // There is no stream.
  template <typename Instances>
  void Reconcile(const Instances& held);
  void OnSuperseded(const v1::KeepAliveResponse::Superseded& message);
  void OnEnded(v1::Cause cause);

  // Opening: session_opening.cc. A round tries servers one after the other: the next when one has
  // refused, or has not answered for Overlap(), until one opens: it has the session's stream from
  // then on.
  void BeginRound(std::vector<std::string> servers);
  void TryNext();
  void OnTryBroken(SessionLink& link, const absl::Status& why);
  void OnTryOpened(SessionLink& link);
  void EndRound();
  absl::Duration Overlap() const;
  // All that are known: this one first; empty: the preferred one.
  std::vector<std::string> Servers(const std::string& first = "");

  // Moving: session_move.cc.
  void OnMoveTo(const v1::KeepAliveResponse& message);
  void MoveWithin(Move why, absl::Duration within);
  void MoveAfter(Move why, absl::Duration wait);
  void MoveNow();
  void OnMoveFailed();
  void StopMoving();
  // Where to; empty: there is no other.
  std::vector<std::string> MoveTargets();

  void ResolveDoubt();
  void StartOver(const std::string& why);
  void LookUpNext();
  void OnLookedUp(const std::string& key, const std::string& server,
                  absl::StatusOr<v1::GetInstanceResponse> response);
  bool TakenByOther(const Entry& entry, const v1::Instance& found) const;

  CoreContext& context_;
  const absl::Duration ttl_;
  absl::AnyInvocable<void()> on_gone_;
  base::Lifeline lifeline_;
  Phase phase_ = Phase::kActive;
  std::string id_;
  std::string secret_;
  std::string previous_id_;
  uint64_t revision_ = 0;
  std::string store_id_;
  Entries entries_;
  // Held by the registry for this session, though not ours (any more).
  std::map<std::string, v1::InstanceKey> strays_;
  bool opened_ = false;  // The registry has confirmed the session.
  bool busy_ = false;    // A request is under way.
  bool pump_posted_ = false;
  base::Instant pump_not_before_;
  std::optional<base::Executor::TimerId> pump_timer_;
  base::Instant pump_timer_at_;
  base::Backoff request_backoff_;
  std::vector<Sent> doubted_;
  absl::Status doubt_;
  std::deque<std::string> to_look_up_;
  int looking_up_ = 0;
  std::unique_ptr<SessionLink> link_;                // It is open.
  std::vector<std::unique_ptr<SessionLink>> tries_;  // Those of the round that may yet open.
  std::deque<std::string> untried_;                  // The round's other servers.
  base::Instant round_began_;
  int overlaps_ = 0;  // Since it last had a stream for long.
  std::optional<base::Executor::TimerId> overlap_timer_;
  // An opening that came to nothing may have taken the session's home elsewhere, where its TTL runs
  // whatever is heard on the present stream.
  bool astray_ = false;
  bool spread_ = false;  // Wished for while there was no stream.
  Move move_ = Move::kNone;
  std::vector<std::string> offered_;  // By the server that goes away; tried first.
  std::optional<base::Executor::TimerId> move_timer_;
  base::Backoff move_backoff_;
  std::optional<base::Executor::TimerId> link_timer_;
  base::Backoff link_backoff_;
  base::Instant last_contact_;
};

}  // namespace rollcall::sdk
