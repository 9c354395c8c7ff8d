// EtcdSide: one member of etcd with its default settings, on its own disk; a service is a prefix,
// an instance a key under the lease of its process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/sides/side.h"
#include "tests/integration/support/etcd_cluster.h"

namespace rollcall::bench {

class EtcdSide final : public Side {
 public:
  explicit EtcdSide(Loop& loop) : loop_(loop) {}

  // What is not installed; empty if all is.
  static std::string Missing() { return integration::EtcdProgram().empty() ? "etcd" : ""; }

  std::string name() const override { return "etcd"; }
  std::vector<pid_t> servers() const override;
  std::unique_ptr<Caller> Registering(const RegisterShape& shape) override;
  std::unique_ptr<Caller> Expiring(absl::Time end) override;
  std::unique_ptr<Caller> Resolving(int instances, int connections) override;
  std::unique_ptr<Caller> Changing(int instances) override;
  std::unique_ptr<Crowd> Gather(const CrowdShape& shape) override;
  std::unique_ptr<Audience> Watch(const AudienceShape& shape, Heard heard) override;
  std::unique_ptr<integration::Process> StartVictim(uint64_t mark, absl::Duration ttl) override;
  // The least that etcd grants.
  absl::Duration PrepareForCrashes() override { return absl::Seconds(2); }
  bool Kill() override;
  void StartAgain() override;

 private:
  std::string address() const;

  Loop& loop_;
  const std::unique_ptr<integration::EtcdCluster> etcd_ =
      std::make_unique<integration::EtcdCluster>();
};

}  // namespace rollcall::bench
