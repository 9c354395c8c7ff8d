// Forgetting tombstones: first the horizon is raised, then records at or below it are deleted.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

// Raises the purge horizon; nothing to do if it is there already.
class RaiseHorizon final : public Command {
 public:
  RaiseHorizon(Revision to, std::string actor) : to_(to), actor_(std::move(actor)) {}
  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const Revision to_;
  const std::string actor_;
};

// Deletes one tombstone that still stands at the revision at which it was found.
class PurgeTombstone final : public Command {
 public:
  PurgeTombstone(std::string key, Revision revision) : key_(std::move(key)), revision_(revision) {}
  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  Revision StandsAt(const Facts& facts) const;
  const std::string key_;
  const Revision revision_;
};

}  // namespace rollcall::command
