#include "tests/bench/sides/registry_audience.h"

#include <utility>

#include "tests/bench/sides/watch_scan.h"
#include "tests/bench/sides/wire.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

// How many streams are being opened at the same time.
constexpr size_t kOpening = 500;

}  // namespace

RegistryAudience::RegistryAudience(Loop& loop, const std::string& address,
                                   const AudienceShape& shape, Heard heard)
    : loop_(loop), heard_(std::move(heard)), channels_(Connect(address, shape.connections)) {
  std::vector<std::unique_ptr<Stub>> stubs;
  for (const auto& channel : channels_) stubs.push_back(std::make_unique<Stub>(channel));
  v1::WatchRequest subscribe;
  subscribe.mutable_subscribe()->set_id(1);
  if (!shape.all) subscribe.mutable_subscribe()->set_service(kWatched);
  for (size_t n = 0; n < static_cast<size_t>(shape.watchers); ++n) {
    Start(*stubs[n % stubs.size()], subscribe);
    loop_.RunUntil([&] { return caught_up_ + kOpening > n; }, integration::kSoon);
  }
  if (!loop_.RunUntil([&] { return caught_up_ == watchers_.size(); }, integration::kSoon)) {
    integration::Fail("not all watchers caught up");
  }
}

void RegistryAudience::Start(Stub& stub, const v1::WatchRequest& subscribe) {
  const size_t n = watchers_.size();
  watchers_.push_back(std::make_unique<Watching>());
  watchers_.back()->on_message = [this, n,
                                  waiting = true](const grpc::ByteBuffer& message) mutable {
    Hear(n, message, waiting);
  };
  watchers_.back()->on_end = [this](const grpc::Status& status) {
    loop_.Trouble("a watch stream has ended: " + status.error_message());
  };
  watchers_.back()->Start(
      loop_,
      [&stub](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
        auto call = stub.PrepareCall(context, "/rollcall.v1.Discovery/Watch", queue);
        call->StartCall(tag);
        return call;
      },
      subscribe);
}

void RegistryAudience::Hear(size_t watcher, const grpc::ByteBuffer& message, bool& waiting) {
  grpc::Slice slice;
  // Whoever sends one message seldom sends it in pieces.
  if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) return;
  WatchMessage read;
  ScanWatchMessage({reinterpret_cast<const char*>(slice.begin()), slice.size()}, read,
                   [&](const Event& event) {
                     if (!waiting) heard_(watcher, event);
                   });
  if (!waiting || !read.caught_up) return;
  waiting = false;
  ++caught_up_;
}

}  // namespace rollcall::bench
