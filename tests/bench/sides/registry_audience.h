// RegistryAudience: watch streams at a server of rollcall.v1.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <vector>

#include "rollcall/v1/discovery.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/load/stream.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class RegistryAudience final : public Audience {
 public:
  // Watcher n is on connection n modulo their number.
  RegistryAudience(Loop& loop, const std::string& address, const AudienceShape& shape, Heard heard);

 private:
  using Watching = Stream<v1::WatchRequest, grpc::ByteBuffer>;
  using Stub = grpc::TemplatedGenericStub<v1::WatchRequest, grpc::ByteBuffer>;

  void Start(Stub& stub, const v1::WatchRequest& subscribe);
  // `waiting`: what comes is what stands, not what changes.
  void Hear(size_t watcher, const grpc::ByteBuffer& message, bool& waiting);

  Loop& loop_;
  const Heard heard_;
  const Channels channels_;
  size_t caught_up_ = 0;
  Streams<Watching> watchers_{loop_};
};

}  // namespace rollcall::bench
