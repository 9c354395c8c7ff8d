// What a client takes for true was true at the revision that it names, and a caller never picks an
// instance that its own view says is out.
#include "tests/sim/oracles/all.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rollcall/picker.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class View final : public Oracle {
 public:
  explicit View(Findings& findings) : Oracle("view", findings) {}

  void OnPick(const World& world, const Process& process) override {
    const ViewPtr view = process.client->view();
    if (view->verified() && view->revision() != 0) Compare(world, process, *view);
    const auto picker = Picker::Make(*view, {.seed = 1});
    const Picked picked = picker->Pick();
    const bool some = !view->serving().empty();
    if (static_cast<bool>(picked) != some) Wrong(absl::StrCat(process.name, " picks nobody"));
    if (!picked) return;
    const Instance* instance = view->Find(picked->id);
    const size_t passing = Count(*view, Standing::kPassing);
    const size_t all =
        passing + Count(*view, Standing::kSuspect) + Count(*view, Standing::kCritical);
    // Fewer than 0.3 of them pass: then the suspect serve too.
    const bool panic = 10 * passing < 3 * all;
    const bool fits = instance != nullptr && (instance->standing == Standing::kPassing ||
                                              (instance->standing == Standing::kSuspect && panic));
    if (!fits) {
      Wrong(absl::StrCat(process.name, " picks ", picked->id, ", which is ",
                         instance ? StandingName(instance->standing) : "not there"));
    }
  }

 private:
  static size_t Count(const ServiceView& view, Standing standing) {
    return static_cast<size_t>(
        std::count_if(view.instances().begin(), view.instances().end(),
                      [&](const InstancePtr& i) { return i->standing == standing; }));
  }
  void Compare(const World& world, const Process& process, const ServiceView& view) {
    const auto truth = world.truth().ViewAt(process.watches, view.revision());
    uint64_t sum = 0;
    for (const InstancePtr& i : view.instances()) {
      sum += Seen{i->id, i->revision, static_cast<v1::Standing>(i->standing), i->lease_epoch,
                  i->weight}
                 .Hash();
    }
    if (!truth || sum == *truth) return;
    Wrong(absl::StrCat(process.name, "'s view of revision ", view.revision(),
                       " is not what stood then: ", process.client->View()));
  }
};

}  // namespace

std::unique_ptr<Oracle> MakeView(Findings& findings) { return std::make_unique<View>(findings); }

}  // namespace rollcall::sim
