// EtcdCrowd: leases with one key each, and a LeaseKeepAlive stream for each of them; etcd answers
// every message.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/load/stream.h"
#include "tests/bench/peers/etcd_client.h"

namespace rollcall::bench {

class EtcdCrowd final : public Crowd {
 public:
  // Client n's stream is on connection n modulo their number.
  EtcdCrowd(Loop& loop, const std::string& address, const CrowdShape& shape);

  bool WillBeAnswered(size_t) const override { return true; }
  void Beat(size_t n, Done answered) override;
  uint64_t Flood(absl::Duration time) override;

 private:
  struct Client
      : Stream<etcdserverpb::LeaseKeepAliveRequest, etcdserverpb::LeaseKeepAliveResponse> {
    etcdserverpb::LeaseKeepAliveRequest beat;
    std::deque<Done> asked;
  };

  void Register(uint64_t n, absl::Duration ttl, Done done);
  void Open(Client& client, etcdserverpb::Lease::Stub& stub, Done opened);

  Loop& loop_;
  const std::shared_ptr<EtcdClient> client_;
  // Those who register hold it.
  const std::shared_ptr<std::vector<int64_t>> leases_;
  Streams<Client> clients_{loop_};
};

}  // namespace rollcall::bench
