// EtcdAudience: Watch streams at etcd, one watch of a prefix on each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "etcd/rpc.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/load/stream.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class EtcdAudience final : public Audience {
 public:
  // Watcher n is on connection n modulo their number.
  EtcdAudience(Loop& loop, const std::string& address, const AudienceShape& shape, Heard heard);

 private:
  using Watching = Stream<etcdserverpb::WatchRequest, etcdserverpb::WatchResponse>;

  void Open(size_t n, etcdserverpb::Watch::Stub& stub, const etcdserverpb::WatchRequest& create,
            Done created);
  void Hear(size_t watcher, const etcdserverpb::WatchResponse& message);

  Loop& loop_;
  const Heard heard_;
  const Channels channels_;
  Streams<Watching> watchers_{loop_};
};

}  // namespace rollcall::bench
