#include "rollcall/picker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "client-sdk/base/random.h"
#include "client-sdk/src/alias_table.h"
#include "client-sdk/src/candidates.h"
#include "client-sdk/src/shared_random.h"
#include "client-sdk/src/smooth_weights.h"

namespace rollcall {
namespace {

// Of candidates that all have weight 0, each counts the same.
std::vector<uint32_t> WeightsOf(const std::vector<InstancePtr>& candidates) {
  std::vector<uint32_t> weights;
  weights.reserve(candidates.size());
  for (const InstancePtr& instance : candidates) {
    weights.push_back(instance->weight == 0 ? 1 : instance->weight);
  }
  return weights;
}

class RoundRobin final : public Picker {
 public:
  RoundRobin(std::vector<InstancePtr> candidates, uint64_t seed)
      : Picker(std::move(candidates)), next_(seed) {}
  Picked Pick() override {
    return Take(next_.fetch_add(1, std::memory_order_relaxed) % candidates().size());
  }

 private:
  std::atomic<uint64_t> next_;
};

class SmoothWeighted final : public Picker {
 public:
  SmoothWeighted(std::vector<InstancePtr> candidates, uint64_t seed)
      : Picker(std::move(candidates)), turns_(WeightsOf(this->candidates())) {
    for (uint64_t skip = seed % this->candidates().size() % kMostSkips; skip > 0; --skip) {
      turns_.Next();
    }
  }
  Picked Pick() override {
    size_t turn;
    {
      base::MutexLock lock(mu_);
      turn = turns_.Next();
    }
    return Take(turn);
  }

 private:
  static constexpr uint64_t kMostSkips = 64;  // A turn costs time in proportion to the candidates.
  base::Mutex mu_;
  sdk::SmoothWeights turns_ ABSL_GUARDED_BY(mu_);
};

class WeightedRandom final : public Picker {
 public:
  WeightedRandom(std::vector<InstancePtr> candidates, uint64_t seed)
      : Picker(std::move(candidates)), table_(WeightsOf(this->candidates())), random_(seed) {}
  Picked Pick() override { return Take(table_.Draw(random_.Next())); }

 private:
  const sdk::AliasTable table_;
  sdk::SharedRandom random_;
};

class LeastOutstanding final : public Picker {
 public:
  LeastOutstanding(std::vector<InstancePtr> candidates, uint64_t seed, const Picker* previous)
      : Picker(std::move(candidates)),
        weights_(WeightsOf(this->candidates())),
        table_(weights_),
        random_(seed) {
    const auto* before = dynamic_cast<const LeastOutstanding*>(previous);
    for (const InstancePtr& instance : this->candidates()) {
      in_hand_.push_back(before == nullptr ? nullptr : before->InHand(instance->id));
      if (in_hand_.back() == nullptr) in_hand_.back() = std::make_shared<std::atomic<int64_t>>(0);
    }
  }

  Picked Pick() override {
    const size_t a = table_.Draw(random_.Next());
    size_t b = table_.Draw(random_.Next());
    for (int again = 0; b == a && again < kMostDraws; ++again) b = table_.Draw(random_.Next());
    return Take(Load(b) < Load(a) ? b : a);
  }

 protected:
  Picked Take(size_t index) override { return Picked(candidates()[index], in_hand_[index]); }

 private:
  // Two different ones are wanted, but one may have nearly all the weight.
  static constexpr int kMostDraws = 4;

  // Both were drawn by weight, so with nothing in hand the first of them keeps the weights exact.
  double Load(size_t index) const {
    return static_cast<double>(in_hand_[index]->load(std::memory_order_relaxed)) / weights_[index];
  }
  std::shared_ptr<std::atomic<int64_t>> InHand(const std::string& id) const {
    for (size_t i = 0; i < candidates().size(); ++i) {
      if (candidates()[i]->id == id) return in_hand_[i];
    }
    return nullptr;
  }

  const std::vector<uint32_t> weights_;
  const sdk::AliasTable table_;
  sdk::SharedRandom random_;
  std::vector<std::shared_ptr<std::atomic<int64_t>>> in_hand_;
};

class Empty final : public Picker {
 public:
  Empty() : Picker({}) {}
  Picked Pick() override { return Picked(); }
};

}  // namespace

Picked::Picked(InstancePtr instance, std::shared_ptr<std::atomic<int64_t>> in_hand)
    : instance_(std::move(instance)), in_hand_(std::move(in_hand)) {
  if (in_hand_ != nullptr) in_hand_->fetch_add(1, std::memory_order_relaxed);
}

Picked& Picked::operator=(Picked&& other) noexcept {
  std::swap(instance_, other.instance_);
  std::swap(in_hand_, other.in_hand_);
  return *this;
}

Picked::~Picked() {
  if (in_hand_ != nullptr) in_hand_->fetch_sub(1, std::memory_order_relaxed);
}

std::shared_ptr<Picker> Picker::Make(const ServiceView& view, const PickerOptions& options,
                                     const Picker* previous) {
  std::vector<InstancePtr> candidates = sdk::Candidates(view, options);
  if (candidates.empty()) return std::make_shared<Empty>();
  const uint64_t seed = options.seed != 0 ? options.seed : base::SecureRandom().Next();
  switch (options.policy) {
    case PickPolicy::kRoundRobin:
      return std::make_shared<RoundRobin>(std::move(candidates), seed);
    case PickPolicy::kSmoothWeighted:
      return std::make_shared<SmoothWeighted>(std::move(candidates), seed);
    case PickPolicy::kWeightedRandom:
      return std::make_shared<WeightedRandom>(std::move(candidates), seed);
    case PickPolicy::kLeastOutstanding:
      return std::make_shared<LeastOutstanding>(std::move(candidates), seed, previous);
  }
  return std::make_shared<Empty>();
}

Picked Picker::PickExcept(const std::function<bool(const Instance&)>& avoid) {
  constexpr size_t kMostTries = 16;
  const size_t tries = std::min(2 * candidates_.size(), kMostTries);
  for (size_t i = 0; i < tries; ++i) {
    Picked picked = Pick();
    if (!picked || !avoid(*picked)) return picked;
  }
  // The policy keeps hitting those to avoid: take any other.
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (!avoid(*candidates_[i])) return Take(i);
  }
  return Picked();
}

}  // namespace rollcall
