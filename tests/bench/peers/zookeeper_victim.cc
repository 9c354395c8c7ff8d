#include "tests/bench/peers/zookeeper_victim.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/peers/zookeeper_callers.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {

int BeZooKeeperVictim(const std::string& address, uint64_t mark, absl::Duration ttl) {
  Loop loop;
  Sockets sockets(loop);
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  const ZooKeeperAddress at = {loop, sockets, port};
  const std::unique_ptr<ZooKeeperSession> session = OpenSession(at, ttl);
  session->on_lost = [&loop](const std::string& why) { loop.Trouble(why); };
  RegisterNow(at, *session, {InstancePath(kWatched, absl::StrCat("victim-", mark))});
  std::printf("registered.\n");
  std::fflush(stdout);
  for (;;) {
    loop.RunFor(ttl / 3);  // As ZooKeeper's own clients do.
    session->Ping([](absl::string_view) {});
  }
}

}  // namespace rollcall::bench
