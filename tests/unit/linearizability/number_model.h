// NumberModel: a register as the literature has it: one number that is written, read, and compared
// and swapped.
#pragma once

#include <string>
#include <utility>

namespace rollcall::linearizability {

struct NumberCall {
  enum class Kind { kWrite, kRead, kSwap };
  Kind kind;
  int value = 0;     // written, read, or put in place
  int expected = 0;  // of a swap
  bool done = true;  // of a swap: answered that it was done
};

struct NumberState {
  int value = 0;
  friend bool operator==(const NumberState&, const NumberState&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const NumberState& s) {
    return H::combine(std::move(h), s.value);
  }
};

struct NumberModel {
  using Call = NumberCall;
  using State = NumberState;

  static bool Apply(const Call& call, bool known, State& state) {
    if (call.kind == Call::Kind::kRead) return call.value == state.value;
    if (call.kind == Call::Kind::kSwap) {
      const bool fits = state.value == call.expected;
      if (known && fits != call.done) return false;
      if (!fits) return true;
    }
    state.value = call.value;
    return true;
  }
  static bool Reads(const Call& call) { return call.kind == Call::Kind::kRead; }
  static std::string Actor(const Call&) { return {}; }
  template <typename Acts>
  static void Forget(State&, const Acts&) {}
  static std::string Spoken(const Call& call, bool) {
    const std::string value = std::to_string(call.value);
    if (call.kind == Call::Kind::kRead) return "read -> " + value;
    if (call.kind == Call::Kind::kWrite) return "write " + value;
    return "swap " + std::to_string(call.expected) + " for " + value +
           (call.done ? " -> done" : " -> not done");
  }
  static std::string Spoken(const State& state) { return std::to_string(state.value); }
};

}  // namespace rollcall::linearizability
