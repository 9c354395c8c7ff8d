// In the end everybody knows the truth: nodes, their disks, watchers, and each process of itself.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/oracles/hardship.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Agreement final : public Oracle {
 public:
  explicit Agreement(Findings& findings) : Oracle("agreement", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    hardship_.OnChange(world, change);
    if (change.session == nullptr || change.session_before != nullptr) return;
    const Process* process = world.ProcessOf(change.session->client_name());
    if (process == nullptr) return;
    const bool first = !sessions_.contains(process->name);
    if (first || !hardship_.Excuses(world, *process)) ++sessions_[process->name];
  }
  void AtEnd(const World& world) override {
    for (const auto& node : world.nodes()) CheckNode(world, *node);
    for (const auto& process : world.processes()) {
      if (!process->alive) continue;
      if (!process->watches.empty()) CheckView(world, *process);
      if (process->registers() && !process->stopping) CheckSelf(world, *process);
    }
  }

 private:
  void CheckNode(const World& world, SimClusterNode& node) {
    if (!node.up() || !node.node().ready()) return Wrong(node.id() + " is not ready");
    const auto truth = world.truth().RecordsAt(world.truth().revision());
    if (node.node().replica().hash() != *truth) Wrong(node.id() + " does not hold the truth");
    if (node.OnDisk() != *truth) Wrong(node.id() + "'s disk does not hold the truth");
    const size_t known = node.node().cluster()->directory().snapshot()->nodes.size();
    if (known != world.nodes().size())
      Wrong(absl::StrCat(node.id(), " knows of ", known, " nodes"));
  }
  void CheckView(const World& world, const Process& process) {
    const ViewPtr view = process.client->view();
    const std::vector<Seen> truth = world.truth().View(process.watches);
    std::string expected;
    for (const Seen& seen : truth) {
      absl::StrAppend(&expected, expected.empty() ? "" : " ", seen.id, ":",
                      v1::Standing_Name(seen.standing).substr(9));
    }
    if (process.client->View() != expected) {
      Wrong(absl::StrCat(process.name, " sees ", process.client->View(), "; true is ", expected));
    }
    if (!view->verified()) Wrong(process.name + "'s view is not verified");
  }
  void CheckSelf(const World& world, const Process& process) {
    const RegistrationStatus status = process.client->registration();
    const auto& instances = world.truth().instances();
    const auto at = instances.find(absl::StrCat(process.service, "/", process.id));
    const bool mine = at != instances.end() && !at->second.record.removed() &&
                      at->second.record.lease_epoch() == status.lease_epoch;
    const bool told = status.state == RegistrationState::kSuperseded;
    const std::string what = absl::StrCat(process.name, ": epoch ", status.lease_epoch, ", ",
                                          std::string(status.last_error.message()));
    if (process.stays() && (status.state != RegistrationState::kRegistered || !mine)) {
      Wrong(absl::StrCat("alive and not registered: ", what));
    }
    if (process.superseded && !told) Wrong(absl::StrCat("superseded and not told: ", what));
    if ((process.contested || process.removed) && !told && !mine) {
      Wrong(absl::StrCat("neither registered nor told who is: ", what));
    }
    if (process.stays() && sessions_[process.name] != 1) {
      Wrong(absl::StrCat("needed ", sessions_[process.name], " sessions: ", what));
    }
  }
  Hardship hardship_;
  // By client name: the first, and those that it needed for no reason of its own.
  std::map<std::string, int> sessions_;
};

}  // namespace

std::unique_ptr<Oracle> MakeAgreement(Findings& findings) {
  return std::make_unique<Agreement>(findings);
}

}  // namespace rollcall::sim
