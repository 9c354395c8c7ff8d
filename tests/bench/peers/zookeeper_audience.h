// ZooKeeperAudience: sessions with a watch of everything below a path. What has changed they read
// anew, for ZooKeeper tells only where something happened.
//
// The watches of one session on one path are one watch, so each watcher has a session, and with it
// a connection, of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/peers/zookeeper_callers.h"

namespace rollcall::bench {

class ZooKeeperAudience final : public Audience {
 public:
  ZooKeeperAudience(const ZooKeeperAddress& at, const AudienceShape& shape, Heard heard);

 private:
  void Hear(size_t watcher, int event, absl::string_view path);

  Loop& loop_;
  const Heard heard_;
  std::vector<std::unique_ptr<ZooKeeperSession>> watchers_;
};

}  // namespace rollcall::bench
