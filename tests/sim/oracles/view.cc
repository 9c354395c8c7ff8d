// What a client takes for true was true at the revision that it names.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/oracles/content.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class View final : public Oracle {
 public:
  explicit View(Findings& findings) : Oracle("view", findings) {}

  void OnPick(const World& world, const Process& process) override {
    const ViewPtr view = process.client->view();
    if (view->verified() && view->revision() != 0) Compare(world, process, *view);
  }

 private:
  void Compare(const World& world, const Process& process, const ServiceView& view) {
    const auto truth = world.truth().ViewAt(process.watches, view.revision());
    uint64_t sum = 0;
    for (const InstancePtr& i : view.instances()) {
      sum += Seen{i->id,          i->revision, static_cast<v1::Standing>(i->standing),
                  i->lease_epoch, i->weight,   ContentOf(*i)}
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
