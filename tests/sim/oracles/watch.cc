// Each watcher is shown a legal sequence: never an older state after a newer one, and whenever it
// is told that it is caught up, what it was shown is exactly what stood at that revision, after
// resumes and fresh snapshots too.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Watch final : public Oracle {
 public:
  explicit Watch(Findings& findings) : Oracle("watch", findings) {}

  void OnWatched(const World& world, const Process& process,
                 const v1::WatchResponse& message) override {
    if (message.has_error()) return;  // A node that lags, say; the client asks again or elsewhere.
    Watcher& watcher = watchers_[&process];
    if (message.revision() < watcher.revision) {
      Wrong(absl::StrCat(process.name, ": the watch went back from ", watcher.revision, ": ",
                         message.ShortDebugString()));
    }
    if (message.snapshot() && watcher.arriving_id != message.id()) watcher.arriving = {};
    watcher.arriving_id = message.snapshot() ? message.id() : 0;
    Shown& shown = message.snapshot() ? watcher.arriving : watcher.shown;
    for (const v1::Instance& instance : message.updated()) {
      Note(process, watcher, instance.spec().id(), instance.revision());
      shown.Put(SeenIn(instance));
    }
    for (const v1::Removed& removed : message.removed()) {
      Note(process, watcher, removed.key().id(), removed.revision());
      shown.Erase(removed.key().id());
    }
    if (!message.caught_up()) return;
    if (message.snapshot()) watcher.shown = std::exchange(watcher.arriving, {});
    watcher.arriving_id = 0;
    watcher.revision = std::max(watcher.revision, message.revision());
    Compare(world, process, message, watcher.shown);
  }

 private:
  // What was shown, and the sum of its hashes, kept as it changes.
  struct Shown {
    void Put(Seen now) {
      Erase(now.id);
      sum += now.Hash();
      seen.emplace(now.id, std::move(now));
    }
    void Erase(const std::string& id) {
      const auto at = seen.find(id);
      if (at == seen.end()) return;
      sum -= at->second.Hash();
      seen.erase(at);
    }
    std::map<std::string, Seen> seen;
    uint64_t sum = 0;
  };
  struct Watcher {
    uint64_t revision = 0;
    std::map<std::string, uint64_t> newest;
    Shown shown;
    Shown arriving;
    uint32_t arriving_id = 0;
  };

  void Note(const Process& process, Watcher& watcher, const std::string& id, uint64_t revision) {
    uint64_t& newest = watcher.newest[id];
    if (revision < newest) {
      Wrong(absl::StrCat(process.name, ": ", id, " of revision ", revision, " after ", newest));
    }
    newest = std::max(newest, revision);
  }
  void Compare(const World& world, const Process& process, const v1::WatchResponse& message,
               const Shown& shown) {
    const auto truth = world.truth().ViewAt(process.watches, message.revision());
    if (!truth || shown.sum == *truth) return;
    std::string text;
    for (const auto& [id, seen] : shown.seen) {
      absl::StrAppend(&text, " ", id, "@", seen.revision, ":", v1::Standing_Name(seen.standing));
    }
    Wrong(absl::StrCat(process.name, ": caught up at revision ", message.revision(),
                       ", and what it was shown is not what stood then:", text,
                       "; the last: ", message.ShortDebugString()));
  }
  std::map<const Process*, Watcher> watchers_;
};

}  // namespace

std::unique_ptr<Oracle> MakeWatch(Findings& findings) { return std::make_unique<Watch>(findings); }

}  // namespace rollcall::sim
