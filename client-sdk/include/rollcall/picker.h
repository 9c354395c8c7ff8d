// Picker: chooses an instance for each call from one view, locally, in nanoseconds.
//
// A picker is made for one view and never sees another; make a new one when the view changes (a
// Caller does that by itself). It picks among view.serving(). An instance of weight 0 is picked
// only if all have weight 0.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "rollcall/discovery.h"
#include "rollcall/export.h"
#include "rollcall/instance.h"

namespace rollcall {

enum class PickPolicy {
  // In turn; weights are ignored, but for 0.
  kRoundRobin,
  // In turn and by weight, spread as evenly as possible (nginx's smooth weighted round robin).
  kSmoothWeighted,
  // At random by weight, in constant time (Vose's alias method).
  kWeightedRandom,
  // Two at random by weight, of these the one with fewer calls in hand for its weight
  // (Mitzenmacher,
  // "The Power of Two Choices").
  kLeastOutstanding,
};

struct PickerOptions {
  PickPolicy policy = PickPolicy::kSmoothWeighted;
  // Prefers the instances nearest to this locality: of the same sub-zone, else zone, else region,
  // else all, taking the first of these groups with `near_at_least` instances of positive weight.
  std::optional<Locality> near = {};
  size_t near_at_least = 2;
  // Instances for which this says true are left out, as long as others remain.
  std::function<bool(const Instance&)> avoid = {};
  // Where the picker begins, so that many clients do not start with the same instance. Zero: taken
  // from the operating system.
  uint64_t seed = 0;
};

// What was picked. Counts as a call in hand until it is destroyed. Movable; empty if there was
// nothing to pick.
class ROLLCALL_EXPORT Picked {
 public:
  Picked() = default;
  explicit Picked(InstancePtr instance, std::shared_ptr<std::atomic<int64_t>> in_hand = nullptr);
  Picked(Picked&& other) noexcept = default;
  Picked& operator=(Picked&& other) noexcept;
  ~Picked();

  explicit operator bool() const { return instance_ != nullptr; }
  const Instance& operator*() const { return *instance_; }
  const Instance* operator->() const { return instance_.get(); }
  const InstancePtr& instance() const { return instance_; }

 private:
  InstancePtr instance_;
  std::shared_ptr<std::atomic<int64_t>> in_hand_;
};

class ROLLCALL_EXPORT Picker {
 public:
  // `previous`, the picker of the view before, hands on the calls in hand; it may be null.
  static std::shared_ptr<Picker> Make(const ServiceView& view, const PickerOptions& options,
                                      const Picker* previous = nullptr);
  virtual ~Picker() = default;

  // Empty if there is no instance to call.
  virtual Picked Pick() = 0;
  // As Pick(), but not one for which `avoid` says true; empty if that leaves none.
  Picked PickExcept(const std::function<bool(const Instance&)>& avoid);

 protected:
  explicit Picker(std::vector<InstancePtr> candidates) : candidates_(std::move(candidates)) {}
  const std::vector<InstancePtr>& candidates() const { return candidates_; }
  // The pick of exactly this candidate.
  virtual Picked Take(size_t index) { return Picked(candidates_[index]); }

 private:
  const std::vector<InstancePtr> candidates_;
};

}  // namespace rollcall
