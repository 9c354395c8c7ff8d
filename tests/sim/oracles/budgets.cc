// Nobody floods anybody: each process begins few calls and streams, however bad things are, and
// what waits anywhere stays within bounds.
#include "tests/sim/oracles/all.h"

#include <map>

#include "absl/strings/str_cat.h"
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
      if (begun - before <= kMost) continue;
      Wrong(absl::StrCat(process->name, " began ", begun - before, " calls and streams in ",
                         absl::FormatDuration(kWindow)));
    }
    for (const auto& node : world.nodes()) {
      if (!node->up()) continue;
      const uint64_t pending = node->node().committer().counts().pending;
      if (pending > 100 + 20 * world.processes().size()) {
        Wrong(absl::StrCat(node->id(), " has ", pending, " commands pending"));
      }
    }
  }

 private:
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
