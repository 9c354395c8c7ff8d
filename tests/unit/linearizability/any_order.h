// AnyOrder: whether a history is linearizable by trying every order of every choice among the
// operations of unknown outcome: what the checker is held to. For a handful of operations.
//
// Pure.
#pragma once

#include <vector>

#include "tests/linearizability/operation.h"

namespace rollcall::linearizability {

template <typename Model>
class AnyOrder {
 public:
  using Call = typename Model::Call;
  using State = typename Model::State;

  explicit AnyOrder(const std::vector<Operation<Call>>& history)
      : history_(history), taken_(history.size(), false) {}

  bool Explains() { return Explains(State{}); }

 private:
  bool Explains(const State& state) {
    bool all = true;
    for (size_t i = 0; i < history_.size(); ++i) all = all && (taken_[i] || !history_[i].known());
    if (all) return true;
    for (size_t i = 0; i < history_.size(); ++i) {
      State after = state;
      if (taken_[i] || !MayBeNext(i) ||
          !Model::Apply(history_[i].call, history_[i].known(), after)) {
        continue;
      }
      taken_[i] = true;
      const bool explains = Explains(after);
      taken_[i] = false;
      if (explains) return true;
    }
    return false;
  }
  // Nothing that is left out yet had returned before it was invoked.
  bool MayBeNext(size_t next) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      if (!taken_[i] && history_[i].returned < history_[next].invoked) return false;
    }
    return true;
  }

  const std::vector<Operation<Call>>& history_;
  std::vector<bool> taken_;
};

}  // namespace rollcall::linearizability
