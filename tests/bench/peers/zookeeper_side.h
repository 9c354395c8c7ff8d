// ZooKeeperSide: one standalone ZooKeeper; a service is a node, an instance an ephemeral node below
// it, a client a session.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/load/sockets.h"
#include "tests/bench/peers/zookeeper_callers.h"
#include "tests/bench/peers/zookeeper_server.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class ZooKeeperSide final : public Side {
 public:
  explicit ZooKeeperSide(Loop& loop);

  static std::string Missing() { return ZooKeeperServer::Missing(); }

  std::string name() const override { return "zookeeper"; }
  std::vector<pid_t> servers() const override { return {server_.pid()}; }
  // Java compiles what has run for a while.
  int warm_ups() const override { return 4; }
  std::unique_ptr<Caller> Registering(const RegisterShape& shape) override;
  std::unique_ptr<Caller> Expiring(absl::Time end) override;
  std::unique_ptr<Caller> Resolving(int instances, int connections) override;
  std::unique_ptr<Caller> Changing(int instances) override;
  std::unique_ptr<Crowd> Gather(const CrowdShape& shape) override;
  std::unique_ptr<Audience> Watch(const AudienceShape& shape, Heard heard) override;
  std::unique_ptr<integration::Process> StartVictim(uint64_t mark, absl::Duration ttl) override;
  // Starts it anew with shorter ticks, for a session lasts two of them at the least.
  absl::Duration PrepareForCrashes() override;
  bool Kill() override;
  void StartAgain() override;

 private:
  ZooKeeperAddress at() { return {loop_, sockets_, server_.port()}; }

  Loop& loop_;
  Sockets sockets_;
  ZooKeeperServer server_;
};

}  // namespace rollcall::bench
