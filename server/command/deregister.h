// Deregister: removes instances of a session (or static ones), by their owner's word.
//
// With `whole_session` it ends the session and removes what it holds, in one transaction when that
// is small; the caller removes the rest with RemoveOrphans. An instance that is gone is no error;
// one that a newer process holds is left alone.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

struct SessionProof {
  SessionId id;
  std::string secret;
};

class Deregister final : public Command {
 public:
  // `proof` is nullopt: static instances only. A name that is given twice counts once.
  Deregister(std::optional<SessionProof> proof, std::vector<InstanceName> names, bool whole_session,
             Reason reason);

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  std::vector<InstanceName> Names(const Facts& facts) const;
  absl::Status Remove(const Facts& facts, const WriteContext& context, const InstanceName& name,
                      Change& change) const;

  const std::optional<SessionProof> proof_;
  const std::vector<InstanceName> names_;
  const bool whole_session_;
  Reason reason_;  // the session's own name is a better actor than an address
};

// RemoveInstance: an operator removes an instance, whoever owns it. Its session may not register it
// again; a new process may. NOT_FOUND if it is not registered.
class RemoveInstance final : public Command {
 public:
  RemoveInstance(InstanceName name, Reason reason)
      : name_(std::move(name)), reason_(std::move(reason)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const InstanceName name_;
  const Reason reason_;
};

}  // namespace rollcall::command
