// InstanceModel: one instance as a registry that does one thing at a time would keep it: who holds
// it, with which specification and under which lease epoch, and who may not register it any more.
// By docs/guarantees.md (1, 4, 8, 9, 14), not by the code that is tested.
//
// A registration that says what stands already answers the epoch that stands; every other one has
// an epoch above all before it, and whoever held the instance loses it for good. A session that is
// over registers nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::linearizability {

struct InstanceCall {
  enum class Kind {
    kRegister,    // answered `epoch` and `revision`
    kRefused,     // a registration: answered that the session lost the instance, or is over
    kDeregister,  // by its owner; `whole`: with its session; answered `revision`
    kEnd,         // the system ends the session; `whole`: and removes what it held
    kRemove,      // the system removes what the session held
    kTake,        // an operator removes it, whoever holds it; answered `revision`
    kGet,         // answered `spec`, `epoch` and `revision`, or epoch 0: it is not registered
  };
  Kind kind;
  // Empty: static, or not told.
  std::string session = {};
  // Whatever tells specifications apart.
  std::string spec = {};
  bool whole = false;
  uint64_t epoch = 0;
  uint64_t revision = 0;
};

struct InstanceState {
  bool present = false;
  std::string session;
  std::string spec;
  // The newest that is known; `raised`: a registration of unknown outcome had a later one since.
  uint64_t epoch = 0;
  bool raised = false;
  // Of the newest write whose revision is known.
  uint64_t revision = 0;
  // Sessions that may not register it; sorted.
  std::vector<std::string> barred;

  friend bool operator==(const InstanceState&, const InstanceState&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const InstanceState& s) {
    return H::combine(std::move(h), s.present, s.session, s.spec, s.epoch, s.raised, s.revision,
                      s.barred);
  }
};

struct InstanceModel {
  using Call = InstanceCall;
  using State = InstanceState;

  static bool Apply(const Call& call, bool known, State& state);
  static bool Reads(const Call& call) {
    return call.kind == Call::Kind::kGet || call.kind == Call::Kind::kRefused;
  }
  static std::string Actor(const Call& call) {
    const bool registers = call.kind == Call::Kind::kRegister || call.kind == Call::Kind::kRefused;
    return registers ? call.session : std::string();
  }
  template <typename Acts>
  static void Forget(State& state, const Acts& acts) {
    std::erase_if(state.barred, [&](const std::string& session) { return !acts(session); });
  }
  static std::string Spoken(const Call& call, bool known);
  static std::string Spoken(const State& state);
};

}  // namespace rollcall::linearizability
