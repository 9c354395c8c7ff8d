// ZooKeeperCrowd: sessions with an ephemeral node each, which ping. A session is a connection, so
// there are as many connections as clients.
#pragma once

#include <memory>
#include <vector>

#include "tests/bench/peers/zookeeper_callers.h"

namespace rollcall::bench {

class ZooKeeperCrowd final : public Crowd {
 public:
  ZooKeeperCrowd(const ZooKeeperAddress& at, const CrowdShape& shape);

  bool WillBeAnswered(size_t) const override { return true; }
  void Beat(size_t n, Done answered) override { clients_[n]->Ping(std::move(answered)); }
  uint64_t Flood(absl::Duration time) override;

 private:
  Loop& loop_;
  std::vector<std::unique_ptr<ZooKeeperSession>> clients_;
};

}  // namespace rollcall::bench
