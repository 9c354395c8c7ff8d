// Register: opens a session if asked to, and registers instances in one transaction.
//
// Newest wins: an instance of another session is taken over, and that session remembers the loss,
// so a delayed or repeated older registration is refused. What is there already is left as it is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "rollcall/v1/types.pb.h"
#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

struct SessionClaim {
  SessionId id;
  std::string secret;
  // Set: opened with this TTL if it does not exist.
  std::optional<absl::Duration> open_ttl;
  std::string home;
  std::string client_name;
};

class Register final : public Command {
 public:
  // `claim` is nullopt when all specs are static. Specs are validated and complete (namespace,
  // lifetime).
  Register(std::optional<SessionClaim> claim, std::vector<v1::InstanceSpec> specs,
           std::string actor);

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

  // After it is done: one for each spec.
  const std::vector<LeaseEpoch>& lease_epochs() const { return lease_epochs_; }
  // After it is done: as the session has it.
  absl::Duration ttl() const { return ttl_; }

 private:
  using InstanceRecord = internal::v1::InstanceRecord;
  using SessionRecord = internal::v1::SessionRecord;
  // Sessions by id that this transaction changes, as they stood.
  struct Touched {
    Versioned<SessionRecord> old;
    SessionRecord record;
  };
  absl::Status CheckSession(const Versioned<SessionRecord>& session) const;
  absl::Status CheckRoom(const Facts& facts) const;
  // An instance as it is wanted, and as it stands: looked up once.
  struct Wanted {
    v1::InstanceSpec& spec;
    InstanceName name;
    Versioned<InstanceRecord> old;
  };
  bool Same(const Wanted& wanted) const;
  static LeaseEpoch NextEpoch(const Facts& facts, const Versioned<InstanceRecord>& old);
  // Adds the put of one instance.
  void PutInstance(const Facts& facts, const WriteContext& context, Wanted& wanted,
                   LeaseEpoch epoch, Change& change, std::vector<Touched>& losers) const;
  static void NoteLoss(const Facts& facts, const SessionId& loser, const InstanceName& name,
                       LeaseEpoch epoch, std::vector<Touched>& losers);

  const std::optional<SessionClaim> claim_;
  std::vector<v1::InstanceSpec> specs_;
  const std::string actor_;
  std::vector<LeaseEpoch> lease_epochs_;
  absl::Duration ttl_;
};

}  // namespace rollcall::command
