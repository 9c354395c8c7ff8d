#include "tests/bench/peers/zookeeper_audience.h"

#include <utility>

#include "tests/bench/load/calls.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {

ZooKeeperAudience::ZooKeeperAudience(const ZooKeeperAddress& at, const AudienceShape& shape,
                                     Heard heard)
    : loop_(at.loop), heard_(std::move(heard)) {
  MakePaths(at, {kWatched});
  const auto count = static_cast<uint64_t>(shape.watchers);
  CallEach(loop_, count, 256, [&](uint64_t n, Done opened) {
    watchers_.push_back(
        std::make_unique<ZooKeeperSession>(at.sockets, at.port, kLong, std::move(opened)));
    watchers_.back()->on_event = [this, n](int event, absl::string_view path) {
      Hear(n, event, path);
    };
    watchers_.back()->on_lost = [this](const std::string& why) {
      loop_.Trouble("a watcher's session: " + why);
    };
  });
  const std::string path = shape.all ? kRoot : ServicePath(kWatched);
  CallEach(loop_, count, 256, [&](uint64_t n, Done done) {
    watchers_[n]->Ask(zookeeper::Watch(path), std::move(done));
  });
}

void ZooKeeperAudience::Hear(size_t watcher, int event, absl::string_view path) {
  const uint64_t number = NumberAtEnd(path);
  if (event == zookeeper::kDeleted) return heard_(watcher, {Event::Kind::kRemoved, number});
  watchers_[watcher]->Ask(zookeeper::GetData(path),
                          [this, watcher](absl::string_view error, JuteReader& answer) {
                            // What is gone meanwhile is told by itself.
                            if (!error.empty()) return;
                            heard_(watcher, {Event::Kind::kChanged, MarkIn(answer.Bytes())});
                          });
}

}  // namespace rollcall::bench
