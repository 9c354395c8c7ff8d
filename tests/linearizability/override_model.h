// OverrideModel: what operators decided of one instance: the newest decision stands. One that says
// what stands already leaves it as it is, with the name of who said it first.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace rollcall::linearizability {

struct OverrideCall {
  enum class Kind {
    kSet,    // answered `revision`
    kClear,  // answered `revision`
    kGet,    // answered `what`, `actor` and the revision that set it; `what` empty: there is none
  };
  Kind kind;
  // Mode, weight and reason in one.
  std::string what = {};
  std::string actor = {};
  uint64_t revision = 0;
};

struct OverrideState {
  // Empty: there is none.
  std::string what;
  std::string actor;
  // The newest that is known; `raised`: a write of unknown outcome had a later one since.
  uint64_t revision = 0;
  bool raised = false;

  friend bool operator==(const OverrideState&, const OverrideState&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const OverrideState& s) {
    return H::combine(std::move(h), s.what, s.actor, s.revision, s.raised);
  }
};

struct OverrideModel {
  using Call = OverrideCall;
  using State = OverrideState;

  static bool Apply(const Call& call, bool known, State& state);
  static bool Reads(const Call& call) { return call.kind == Call::Kind::kGet; }
  static std::string Actor(const Call&) { return {}; }
  template <typename Acts>
  static void Forget(State&, const Acts&) {}
  static std::string Spoken(const Call& call, bool known);
  static std::string Spoken(const State& state);
};

}  // namespace rollcall::linearizability
