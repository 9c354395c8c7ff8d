// RegistryCrowd: sessions of one instance each, and the streams that keep them, as the SDK holds
// them: every third heartbeat asks for an acknowledgement.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/load/stream.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class RegistryCrowd final : public Crowd {
 public:
  // Client n's stream is on connection n modulo their number.
  RegistryCrowd(Loop& loop, const std::string& address, const CrowdShape& shape);
  ~RegistryCrowd() override;

  bool WillBeAnswered(size_t n) const override;
  void Beat(size_t n, Done answered) override;
  uint64_t Flood(absl::Duration time) override;

 private:
  struct Client;

  void Register(const std::string& address, const CrowdShape& shape);
  void Open(const CrowdShape& shape);

  Loop& loop_;
  const Channels channels_;
  Streams<Client> clients_;
  size_t opened_ = 0;
};

}  // namespace rollcall::bench
