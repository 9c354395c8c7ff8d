#include "tests/linearizability/override_model.h"

#include "absl/strings/str_cat.h"

namespace rollcall::linearizability {
namespace {

bool Write(const OverrideCall& call, bool known, OverrideState& state) {
  const std::string& what = call.kind == OverrideCall::Kind::kSet ? call.what : std::string();
  // The answer of one that changes nothing tells a revision that is not older.
  if (what == state.what) {
    return !known ||
           (state.raised ? call.revision > state.revision : call.revision >= state.revision);
  }
  if (known && call.revision <= state.revision) return false;
  state.what = what;
  state.actor = what.empty() ? std::string() : call.actor;
  state.raised = !known;
  if (known) state.revision = call.revision;
  return true;
}

bool Get(const OverrideCall& call, OverrideState& state) {
  if (call.what != state.what) return false;
  if (call.what.empty()) return true;
  if (call.actor != state.actor) return false;
  if (state.raised ? call.revision <= state.revision : call.revision != state.revision) {
    return false;
  }
  state.revision = call.revision;
  state.raised = false;
  return true;
}

}  // namespace

bool OverrideModel::Apply(const Call& call, bool known, State& state) {
  return call.kind == OverrideCall::Kind::kGet ? Get(call, state) : Write(call, known, state);
}

std::string OverrideModel::Spoken(const Call& call, bool known) {
  const std::string answer = known ? absl::StrCat(" -> revision ", call.revision) : std::string();
  switch (call.kind) {
    case OverrideCall::Kind::kSet:
      return absl::StrCat("set ", call.what, " by ", call.actor, answer);
    case OverrideCall::Kind::kClear:
      // Who clears is the same to the state: those of unknown outcome are equal.
      return known ? absl::StrCat("clear by ", call.actor, answer) : "clear";
    case OverrideCall::Kind::kGet:
      return call.what.empty() ? "get -> none"
                               : absl::StrCat("get -> ", call.what, " by ", call.actor,
                                              ", revision ", call.revision);
  }
  return "";
}

std::string OverrideModel::Spoken(const State& state) {
  return absl::StrCat(state.what.empty() ? "none" : absl::StrCat(state.what, " by ", state.actor),
                      ", revision ", state.raised ? "above " : "", state.revision);
}

}  // namespace rollcall::linearizability
