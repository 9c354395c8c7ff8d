// Nobody floods anybody: each process begins few calls and streams, however bad things are, and
// what waits anywhere stays within bounds.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/model/limits.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Budgets final : public Oracle {
 public:
  explicit Budgets(Findings& findings) : Oracle("budgets", findings) {}

  void OnTick(const World& world) override {
    if (world.queue().pending() > 20000 + 200 * world.processes().size()) {
      Wrong(absl::StrCat(world.queue().pending(), " events wait"));
    }
    if (world.now() < next_) return;
    next_ = world.now() + kWindow;
    for (const auto& process : world.processes()) {
      const uint64_t begun = process->client->transport().begun();
      const uint64_t before = std::exchange(begun_[process.get()], begun);
      // Who has not taken a message gets no other.
      if (process->client->transport().most_unread() > 1) {
        Wrong(absl::StrCat(process->name, " was sent ", process->client->transport().most_unread(),
                           " messages at once on one watch"));
      }
      if (begun - before <= kMost) continue;
      Wrong(absl::StrCat(process->name, " began ", begun - before, " calls and streams in ",
                         absl::FormatDuration(kWindow)));
    }
    for (const auto& node : world.nodes()) {
      if (node->up()) CheckNode(world, *node);
    }
  }
  // Nobody is counted who is gone: the limits would be reached by and by.
  void AtEnd(const World& world) override {
    feed::FeedStats sum;
    size_t backlog = 0;
    for (const auto& node : world.nodes()) {
      if (!node->up()) continue;
      const feed::FeedStats stats = node->node().feed().stats();
      sum.watchers += stats.watchers;
      sum.subscriptions += stats.subscriptions;
      sum.unsent_errors += stats.unsent_errors;
      backlog += node->node().cluster()->replica_backlog_bytes();
    }
    size_t watching = 0;
    for (const auto& process : world.processes()) {
      watching += process->alive && !process->watches.empty();
    }
    if (sum.watchers != watching || sum.subscriptions != watching) {
      Wrong(absl::StrCat("nodes count ", sum.watchers, " watchers and ", sum.subscriptions,
                         " subscriptions of ", watching));
    }
    if (sum.unsent_errors != 0 || backlog != 0) {
      Wrong(absl::StrCat("left over are ", sum.unsent_errors, " refusals and ", backlog,
                         " bytes for the nodes' disks"));
    }
  }

 private:
  void CheckNode(const World& world, SimClusterNode& node) {
    const uint64_t pending = node.node().committer().counts().pending;
    // The limit; and what so few may ask for at once.
    if (pending > std::min(kMaxQueuedCommands, 100 + 20 * world.processes().size())) {
      Wrong(absl::StrCat(node.id(), " has ", pending, " commands pending"));
    }
    const feed::FeedStats stats = node.node().feed().stats();
    if (stats.watchers > kMaxWatchersPerNode || stats.subscriptions > kMaxSubscriptionsPerNode) {
      Wrong(absl::StrCat(node.id(), " serves ", stats.watchers, " watchers with ",
                         stats.subscriptions, " subscriptions"));
    }
    if (stats.unsent_errors > stats.watchers * kMaxUnsentErrors) {
      Wrong(absl::StrCat(node.id(), " has ", stats.unsent_errors, " refusals unsent to ",
                         stats.watchers, " watchers"));
    }
    const size_t backlog = node.node().cluster()->replica_backlog_bytes();
    if (backlog > SimClusterNode::kMostBacklogBytes) {
      Wrong(absl::StrCat(node.id(), " has ", backlog, " bytes to write to its copy of the store"));
    }
  }

  static constexpr absl::Duration kWindow = absl::Seconds(10);
  static constexpr uint64_t kMost = 100;
  base::Instant next_;
  std::map<const Process*, uint64_t> begun_;
};

}  // namespace

std::unique_ptr<Oracle> MakeBudgets(Findings& findings) {
  return std::make_unique<Budgets>(findings);
}

}  // namespace rollcall::sim
