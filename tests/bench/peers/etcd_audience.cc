#include "tests/bench/peers/etcd_audience.h"

#include <utility>

#include "tests/bench/load/calls.h"
#include "tests/bench/peers/etcd_client.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {

namespace pb = etcdserverpb;

EtcdAudience::EtcdAudience(Loop& loop, const std::string& address, const AudienceShape& shape,
                           Heard heard)
    : loop_(loop), heard_(std::move(heard)), channels_(Connect(address, shape.connections)) {
  const auto stubs = StubsOf<pb::Watch>(channels_);
  pb::WatchRequest create;
  pb::WatchCreateRequest& watch = *create.mutable_create_request();
  watch.set_key(shape.all ? kRoot : ServicePath(kWatched) + "/");
  watch.set_range_end(EndOf(watch.key()));
  CallEach(loop_, static_cast<uint64_t>(shape.watchers), 256, [&](uint64_t n, Done created) {
    Open(n, *stubs[n % stubs.size()], create, std::move(created));
  });
}

void EtcdAudience::Open(size_t n, pb::Watch::Stub& stub, const pb::WatchRequest& create,
                        Done created) {
  watchers_.push_back(std::make_unique<Watching>());
  Watching& watching = *watchers_.back();
  // A handler that is a std::function must be copyable, and a Done is not.
  const auto waiting = std::make_shared<Done>(std::move(created));
  watching.on_message = [this, n, waiting](const pb::WatchResponse& message) {
    if (message.created()) (*waiting)("");
    if (message.canceled()) loop_.Trouble("a watch was cancelled: " + message.cancel_reason());
    Hear(n, message);
  };
  watching.on_end = [this](const grpc::Status& status) {
    loop_.Trouble("a watch stream has ended: " + status.error_message());
  };
  watching.Start(
      loop_,
      [&stub](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
        return stub.AsyncWatch(context, queue, tag);
      },
      create);
}

void EtcdAudience::Hear(size_t watcher, const pb::WatchResponse& message) {
  for (const pb::Event& event : message.events()) {
    if (event.type() == pb::Event::DELETE) {
      heard_(watcher, {Event::Kind::kRemoved, NumberAtEnd(event.kv().key())});
    } else {
      heard_(watcher, {Event::Kind::kChanged, MarkIn(event.kv().value())});
    }
  }
}

}  // namespace rollcall::bench
