#include "tests/linearizability/instance_model.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rollcall::linearizability {
namespace {

using Kind = InstanceCall::Kind;

bool IsBarred(const InstanceState& state, const std::string& session) {
  return std::binary_search(state.barred.begin(), state.barred.end(), session);
}

void Bar(InstanceState& state, const std::string& session) {
  if (session.empty() || IsBarred(state, session)) return;
  state.barred.insert(std::upper_bound(state.barred.begin(), state.barred.end(), session), session);
}

void MakeAbsent(InstanceState& state) {
  state.present = false;
  state.session.clear();
  state.spec.clear();
}

bool RaiseRevision(InstanceState& state, uint64_t revision) {
  if (revision < state.revision) return false;
  state.revision = revision;
  return true;
}

// What was answered tells the epoch that stands.
bool EpochFits(InstanceState& state, uint64_t epoch) {
  if (state.raised ? epoch <= state.epoch : epoch != state.epoch) return false;
  state.epoch = epoch;
  state.raised = false;
  return true;
}

bool Register(const InstanceCall& call, bool known, InstanceState& state) {
  if (IsBarred(state, call.session)) return false;
  if (state.present && state.session == call.session && state.spec == call.spec) {
    return !known || (EpochFits(state, call.epoch) && call.revision >= state.revision);
  }
  if (known && (call.epoch <= state.epoch || call.revision <= state.revision)) return false;
  if (state.present && state.session != call.session) Bar(state, state.session);
  state.present = true;
  state.session = call.session;
  state.spec = call.spec;
  state.raised = !known;
  if (known) {
    state.epoch = call.epoch;
    state.revision = call.revision;
  }
  return true;
}

bool Deregister(const InstanceCall& call, bool known, InstanceState& state) {
  if (known && call.revision < state.revision) return false;
  if (call.whole) Bar(state, call.session);
  if (!state.present || state.session != call.session) return true;
  MakeAbsent(state);
  return !known || RaiseRevision(state, call.revision);
}

bool Take(const InstanceCall& call, bool known, InstanceState& state) {
  if (!state.present) return false;
  Bar(state, state.session);
  MakeAbsent(state);
  return !known || RaiseRevision(state, call.revision);
}

bool Get(const InstanceCall& call, InstanceState& state) {
  if (call.epoch == 0) return !state.present;
  return state.present && state.spec == call.spec && call.revision >= state.revision &&
         EpochFits(state, call.epoch);
}

}  // namespace

bool InstanceModel::Apply(const Call& call, bool known, State& state) {
  switch (call.kind) {
    case Kind::kRegister:
      return Register(call, known, state);
    case Kind::kRefused:
      return IsBarred(state, call.session);
    case Kind::kDeregister:
      return Deregister(call, known, state);
    case Kind::kEnd:
      Bar(state, call.session);
      if (call.whole && state.present && state.session == call.session) MakeAbsent(state);
      return true;
    case Kind::kRemove:
      if (state.present && state.session == call.session) MakeAbsent(state);
      return true;
    case Kind::kTake:
      return Take(call, known, state);
    case Kind::kGet:
      return Get(call, state);
  }
  return false;
}

std::string InstanceModel::Spoken(const Call& call, bool known) {
  const std::string answer =
      known ? absl::StrCat(" -> epoch ", call.epoch, ", revision ", call.revision) : std::string();
  switch (call.kind) {
    case Kind::kRegister:
      return absl::StrCat("register ", call.spec, " by session ", call.session, answer);
    case Kind::kRefused:
      return absl::StrCat("register ", call.spec, " by session ", call.session, " -> refused");
    case Kind::kDeregister:
      return absl::StrCat("deregister ", call.whole ? "and end session " : "by session ",
                          call.session, known ? absl::StrCat(" -> revision ", call.revision) : "");
    case Kind::kEnd:
      return absl::StrCat("session ", call.session, " is ended",
                          call.whole ? ", and what it held removed" : "");
    case Kind::kRemove:
      return absl::StrCat("what session ", call.session, " held is removed");
    case Kind::kTake:
      return absl::StrCat("remove", known ? absl::StrCat(" -> revision ", call.revision) : "");
    case Kind::kGet:
      return call.epoch == 0 ? "get -> absent" : absl::StrCat("get -> ", call.spec, answer);
  }
  return "";
}

std::string InstanceModel::Spoken(const State& state) {
  std::string text = state.present
                         ? absl::StrCat("session ", state.session, " holds it as ", state.spec)
                         : "absent";
  absl::StrAppend(&text, ", epoch ", state.raised ? "above " : "", state.epoch, ", revision ",
                  state.revision, " or above");
  if (!state.barred.empty()) {
    absl::StrAppend(&text, ", barred: ", absl::StrJoin(state.barred, " "));
  }
  return text;
}

}  // namespace rollcall::linearizability
