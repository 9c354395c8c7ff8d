#include "cli/client/drain_laggards.h"

#include <algorithm>

#include "cli/print/times.h"

namespace rollcall::cli {

void DrainLaggards::See(const v1::GetDrainStatusResponse& status) {
  if (!status.unreachable().empty()) return;
  Watchers now;
  for (const v1::DrainWatcher& w : status.laggards()) now[{w.client_name(), w.peer()}] = w;
  std::vector<v1::DrainWatcher> gone;
  for (const auto& [name, watcher] : waited_for_) {
    if (!now.contains(name)) gone.push_back(watcher);
  }
  // Who of them applied it is not told; most likely those that were least behind.
  std::sort(gone.begin(), gone.end(), [](const v1::DrainWatcher& a, const v1::DrainWatcher& b) {
    return ToSpan(a.behind()) < ToSpan(b.behind());
  });
  const size_t applied = status.applied() > applied_ ? status.applied() - applied_ : 0;
  for (size_t i = applied; i < gone.size(); ++i) {
    cut_off_[{gone[i].client_name(), gone[i].peer()}] = gone[i];
  }
  for (const auto& [name, watcher] : now) cut_off_.erase(name);
  waited_for_ = std::move(now);
  applied_ = status.applied();
}

std::vector<v1::DrainWatcher> DrainLaggards::CutOff() const {
  std::vector<v1::DrainWatcher> watchers;
  for (const auto& [name, watcher] : cut_off_) watchers.push_back(watcher);
  return watchers;
}

}  // namespace rollcall::cli
