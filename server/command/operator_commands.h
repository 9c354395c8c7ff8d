// What operators decide: overrides of instances, specifications of services.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/command/command.h"
#include "server/command/stamp.h"

namespace rollcall::command {

class SetOverride final : public Command {
 public:
  struct Wish {
    InstanceName name;
    v1::OverrideMode mode = v1::OVERRIDE_MODE_UNSPECIFIED;
    std::optional<uint32_t> weight;
    std::string reason;
    std::optional<absl::Duration> duration;
    bool must_exist = false;
  };
  SetOverride(Wish wish, Reason why) : wish_(std::move(wish)), why_(std::move(why)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const Wish wish_;
  const Reason why_;
};

// Removes an override; with `only_if_expired`, only one whose end has come. Nothing to do if there
// is none.
class ClearOverride final : public Command {
 public:
  ClearOverride(InstanceName name, bool only_if_expired, Reason why)
      : name_(std::move(name)), only_if_expired_(only_if_expired), why_(std::move(why)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const InstanceName name_;
  const bool only_if_expired_;
  const Reason why_;
};

// Puts a service's specification; nullopt removes it (NOT_FOUND if there is none).
class PutService final : public Command {
 public:
  PutService(ServiceName name, std::optional<v1::ServiceSpec> spec, Reason why)
      : name_(std::move(name)), spec_(std::move(spec)), why_(std::move(why)) {}

  std::vector<KeyUse> Keys(const Facts& facts) const override;
  Decision Decide(const Facts& facts, const WriteContext& context) override;

 private:
  const ServiceName name_;
  const std::optional<v1::ServiceSpec> spec_;
  const Reason why_;
};

}  // namespace rollcall::command
