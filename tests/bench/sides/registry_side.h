// RegistrySide: what Rollcall and its limit have in common: they serve rollcall.v1, so the same
// load asks both the same. RollcallSide and LimitSide: the two.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/sides/side.h"
#include "tests/integration/support/registry.h"
#include "tests/integration/support/temp_dir.h"

namespace rollcall::bench {

class RegistrySide : public Side {
 public:
  std::unique_ptr<Caller> Registering(const RegisterShape& shape) override;
  std::unique_ptr<Caller> Resolving(int instances, int connections) override;
  std::unique_ptr<Caller> Changing(int instances) override;
  std::unique_ptr<Crowd> Gather(const CrowdShape& shape) override;
  std::unique_ptr<Audience> Watch(const AudienceShape& shape, Heard heard) override;
  std::unique_ptr<integration::Process> StartVictim(uint64_t mark, absl::Duration ttl) override;

 protected:
  explicit RegistrySide(Loop& loop) : loop_(loop) {}
  virtual std::string address() const = 0;
  Loop& loop() const { return loop_; }

 private:
  Loop& loop_;
};

// rollcalld on its own disk, with the settings that it has by default; its log goes to a file.
class RollcallSide final : public RegistrySide {
 public:
  explicit RollcallSide(Loop& loop);
  std::string name() const override;
  std::vector<pid_t> servers() const override { return {registry_->process().pid()}; }
  std::unique_ptr<Caller> Expiring(absl::Time end) override;
  bool Kill() override;
  void StartAgain() override { registry_->StartOnSamePort(); }
  std::string records() const override { return registry_->data() + "/store"; }

 private:
  std::string address() const override { return registry_->address(); }

  const integration::TempDir log_;
  const std::unique_ptr<integration::Registry> registry_;
};

// The bare server, see bare_server.h; a process of its own.
class LimitSide final : public RegistrySide {
 public:
  explicit LimitSide(Loop& loop);
  std::string name() const override;
  std::vector<pid_t> servers() const override { return {process_->pid()}; }

 private:
  std::string address() const override { return address_; }

  const std::unique_ptr<integration::Process> process_;
  std::string address_;
};

}  // namespace rollcall::bench
