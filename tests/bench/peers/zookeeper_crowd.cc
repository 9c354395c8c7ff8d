#include "tests/bench/peers/zookeeper_crowd.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/flood.h"
#include "tests/bench/peers/records.h"

namespace rollcall::bench {

ZooKeeperCrowd::ZooKeeperCrowd(const ZooKeeperAddress& at, const CrowdShape& shape)
    : loop_(at.loop) {
  std::vector<std::string> services;
  services.reserve(kServices);
  for (int i = 0; i < kServices; ++i) services.push_back(absl::StrCat("crowd-", i));
  MakePaths(at, services);
  const auto count = static_cast<uint64_t>(shape.clients);
  CallEach(loop_, count, 256, [&](uint64_t, Done opened) {
    clients_.push_back(
        std::make_unique<ZooKeeperSession>(at.sockets, at.port, shape.ttl, std::move(opened)));
    clients_.back()->on_lost = [this](const std::string& why) {
      loop_.Trouble("a client's session: " + why);
    };
  });
  CallEach(loop_, count, 256, [&](uint64_t n, Done done) {
    clients_[n]->Ask(zookeeper::CreateEphemeral({CrowdPath(n)}, Record(kRecordBytes)),
                     std::move(done));
  });
}

uint64_t ZooKeeperCrowd::Flood(absl::Duration time) {
  return FloodByAnswers(loop_, *this, clients_.size(), time);
}

}  // namespace rollcall::bench
