#include "client-sdk/src/view_builder.h"

#include <utility>

#include "client-sdk/base/mutant.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {

void ViewBuilder::Restore(std::vector<InstancePtr> instances, uint64_t revision,
                          std::string store_id) {
  state_ = {};
  for (InstancePtr& instance : instances) {
    std::string id = instance->id;
    state_.instances.emplace(std::move(id), std::move(instance));
  }
  state_.revision = revision;
  state_.store_id = std::move(store_id);
  verified_ = false;
}

void ViewBuilder::StreamBroke() {
  arriving_.reset();
  changed_ = false;
}

void ViewBuilder::Merge(const v1::WatchResponse& message, State& state) {
  for (const v1::Instance& instance : message.updated()) {
    state.instances[instance.spec().id()] = InstanceFromProto(instance);
  }
  const bool forgets = MUTANT(view_keeps_the_removed) && message.updated_size() > 0;
  for (const v1::Removed& removed : message.removed()) {
    if (!forgets) state.instances.erase(removed.key().id());
  }
  if (!message.caught_up()) return;  // The revision is that of the last part.
  state.revision = message.revision();
  state.store_id = message.store_id();
}

bool ViewBuilder::MuchSmaller(const State& state) const {
  return 2 * state.instances.size() < state_.instances.size();
}

bool ViewBuilder::Plausible(const State& state, absl::Duration age) const {
  if (state_.store_id == state.store_id && state.revision < state_.revision) return false;
  if (!MuchSmaller(state)) return true;
  return state_.store_id == state.store_id && state.revision > state_.revision &&
         age <= kTrustedAge;
}

ViewBuilder::Step ViewBuilder::Accept(State state) {
  state_ = std::move(state);
  candidate_.reset();
  verified_ = true;
  return Step::kPublish;
}

ViewBuilder::Step ViewBuilder::OnSnapshotPart(const v1::WatchResponse& message) {
  if (!arriving_) arriving_.emplace();
  Merge(message, *arriving_);
  if (!message.caught_up()) return Step::kNothing;
  State complete = std::move(*arriving_);
  arriving_.reset();
  const absl::Duration age = DurationFromProto(message.age());
  if (Plausible(complete, age)) return Accept(std::move(complete));
  candidate_ = std::move(complete);
  return Step::kDoubt;
}

ViewBuilder::Step ViewBuilder::Apply(const v1::WatchResponse& message) {
  if (message.snapshot() || arriving_) return OnSnapshotPart(message);
  State& target = candidate_ ? *candidate_ : state_;
  const bool older = message.caught_up() && message.revision() < target.revision;
  if (message.store_id() != target.store_id || older) return Step::kResubscribe;
  changed_ |= message.updated_size() > 0 || message.removed_size() > 0;
  Merge(message, target);
  if (!message.caught_up()) return Step::kNothing;
  const bool changed = std::exchange(changed_, false);
  if (candidate_) {
    const bool believed = changed && Plausible(*candidate_, DurationFromProto(message.age()));
    return believed ? Accept(std::move(*candidate_)) : Step::kNothing;
  }
  const bool news = changed || !verified_;
  verified_ = true;
  return news ? Step::kPublish : Step::kNothing;
}

bool ViewBuilder::ConfirmCandidate(size_t serving, uint64_t revision, const std::string& store_id) {
  if (!candidate_ || store_id != candidate_->store_id || revision < candidate_->revision ||
      serving > candidate_->instances.size()) {
    return false;
  }
  if (store_id == state_.store_id && candidate_->revision < state_.revision) return false;
  Accept(std::move(*candidate_));
  return true;
}

std::vector<InstancePtr> ViewBuilder::Instances() const {
  std::vector<InstancePtr> instances;
  instances.reserve(state_.instances.size());
  for (const auto& [id, instance] : state_.instances) instances.push_back(instance);
  return instances;
}

}  // namespace rollcall::sdk
