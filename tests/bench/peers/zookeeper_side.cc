#include "tests/bench/peers/zookeeper_side.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/peers/zookeeper_audience.h"
#include "tests/bench/peers/zookeeper_crowd.h"
#include "tests/bench/sides/victim.h"

namespace rollcall::bench {
namespace {

// ZooKeeper's own.
constexpr absl::Duration kTick = absl::Seconds(2);
constexpr absl::Duration kShortTick = absl::Milliseconds(500);

}  // namespace

ZooKeeperSide::ZooKeeperSide(Loop& loop) : loop_(loop), sockets_(loop) { server_.Start(kTick); }

std::unique_ptr<Caller> ZooKeeperSide::Registering(const RegisterShape& shape) {
  return std::make_unique<ZooKeeperRegisterCaller>(at(), shape);
}
std::unique_ptr<Caller> ZooKeeperSide::Expiring(absl::Time end) {
  return std::make_unique<ZooKeeperExpiringCaller>(at(), end);
}
std::unique_ptr<Caller> ZooKeeperSide::Resolving(int instances, int connections) {
  return std::make_unique<ZooKeeperResolveCaller>(at(), instances, connections);
}
std::unique_ptr<Caller> ZooKeeperSide::Changing(int instances) {
  return std::make_unique<ZooKeeperChangeCaller>(at(), instances);
}
std::unique_ptr<Crowd> ZooKeeperSide::Gather(const CrowdShape& shape) {
  return std::make_unique<ZooKeeperCrowd>(at(), shape);
}
std::unique_ptr<Audience> ZooKeeperSide::Watch(const AudienceShape& shape, Heard heard) {
  return std::make_unique<ZooKeeperAudience>(at(), shape, std::move(heard));
}
std::unique_ptr<integration::Process> ZooKeeperSide::StartVictim(uint64_t mark,
                                                                 absl::Duration ttl) {
  return LaunchVictim("zookeeper", absl::StrCat("127.0.0.1:", server_.port()), mark, ttl);
}

absl::Duration ZooKeeperSide::PrepareForCrashes() {
  server_.Kill();
  server_.Start(kShortTick);
  return 2 * kShortTick;
}

bool ZooKeeperSide::Kill() {
  server_.Kill();
  return true;
}

void ZooKeeperSide::StartAgain() {
  server_.Start(kTick);
  const std::unique_ptr<ZooKeeperSession> session = OpenSession(at(), kLong);
  CallEach(loop_, 1, 1, [&](uint64_t, Done done) {
    session->Ask(zookeeper::GetChildren(kRoot), std::move(done));
  });
}

}  // namespace rollcall::bench
