// Call: one request to etcd, from being asked to being answered: waits for a member and a token,
// makes attempts, decides whether to make another.
//
// What may change something is sent once: it waits for a connection and is then repeated only
// after etcd has refused its token, which it does before it does anything else. Other requests are
// tried at one member after the other while there is time.
//
// Lives on the completion thread; kept alive by what it waits for.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "client-sdk/base/backoff.h"
#include "server/store/etcd/grpc/flight.h"
#include "server/store/etcd/grpc/wiring.h"

namespace rollcall::etcd {

struct CallPolicy {
  // May be sent again when nobody knows what became of it.
  bool repeatable = false;
  // A member that has lost the leader refuses at once.
  bool needs_leader = true;
  bool with_token = true;
};

class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(Wiring& wiring, CallPolicy policy, base::Instant deadline);
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void Start();
  // Nobody wants the answer any more.
  void Abandon();

 protected:
  Wiring& wiring() { return wiring_; }
  bool over() const { return over_ || wiring_.ending; }

  virtual Member* Choose() { return wiring_.members->Pick(); }
  // Makes one attempt; Landed() when it is over.
  virtual void Send(Member& member) = 0;
  // It is over without an answer.
  virtual void Fail(absl::Status why) = 0;

  // Before and after each attempt's gRPC call.
  void Depart(Member& member, std::shared_ptr<Flight> flight);
  // True: the answer is there, for the caller to hand out. False: it is taken care of.
  bool Landed(Member& member);
  // Another token may be tried.
  bool may_renew_token() const;
  // The one under way; nullptr if none is.
  Flight* flight() { return flight_.get(); }
  absl::Duration TimeForAttempt() const;
  absl::Duration TimeLeft() const { return deadline_ - wiring_.clock.Steady(); }

 private:
  // Start() again when there may be a member or a token, Fail() at the deadline.
  void WaitForMember();
  void WaitForToken();
  void ArmDeadline();
  void OnDeadline();
  void GiveFailure(absl::Status why);
  void Decide(Member& member, absl::Status result);
  void TryAgainLater();

  Wiring& wiring_;
  const CallPolicy policy_;
  const base::Instant deadline_;
  base::Backoff backoff_;
  std::optional<base::Executor::TimerId> deadline_timer_;
  std::shared_ptr<Flight> flight_;
  uint64_t token_generation_ = 0;
  bool token_renewed_ = false;
  // Waits for a member, a token or the next attempt.
  bool waiting_ = false;
  bool over_ = false;
  absl::Status last_;
};

}  // namespace rollcall::etcd
