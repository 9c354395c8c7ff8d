#include "server/cluster/isolation.h"

#include <algorithm>
#include <utility>

#include "client-sdk/base/mutant.h"

namespace rollcall::cluster {

Isolation::Isolation(NodeId self, const NodeDirectory& directory, base::Executor& executor,
                     const base::Clock& clock, base::Random& random, Ask ask, Changed changed)
    : self_(std::move(self)),
      directory_(directory),
      executor_(executor),
      clock_(clock),
      random_(random),
      ask_(std::move(ask)),
      changed_(std::move(changed)) {}

void Isolation::SetCutOff(bool cut_off) {
  if (std::exchange(cut_off_, cut_off) == cut_off) return;
  if (cut_off) return AskSoon();
  lifeline_.Cut();
  believed_until_ = clock_.Steady();
  Judge();
}

void Isolation::AskSoon() {
  executor_.PostAt(clock_.Steady() + kAskEvery, lifeline_.Guard([this] { Round(); }));
}

void Isolation::Round() {
  Judge();
  for (const PresentNode& node : Some()) {
    ask_(node, lifeline_.Guard([this](bool in_touch) { OnAnswer(in_touch); }));
  }
  AskSoon();
}

void Isolation::OnAnswer(bool in_touch) {
  if (!in_touch) return;
  believed_until_ = clock_.Steady() + kBelieved;
  Judge();
}

void Isolation::Judge() {
  const bool told = clock_.Steady() < believed_until_ || MUTANT(isolated_by_itself);
  const bool isolated = cut_off_ && told;
  if (isolated_.exchange(isolated) != isolated) changed_(isolated);
}

std::vector<PresentNode> Isolation::Some() {
  std::vector<PresentNode> others = directory_.snapshot()->nodes;
  std::erase_if(others, [this](const PresentNode& node) {
    return node.record.id() == self_.value() || node.record.grpc_address().empty();
  });
  const size_t count = std::min(others.size(), kAsked);
  for (size_t i = 0; i < count; ++i) {
    std::swap(others[i], others[i + random_.Below(others.size() - i)]);
  }
  others.resize(count);
  return others;
}

}  // namespace rollcall::cluster
