// Registrations, removals and overrides, and reads of the newest, wherever they were asked for,
// were answered as one registry would that does one thing at a time: tests/linearizability searches
// for the order. What the system itself ends and removes is taken from the truth, at its instant.
#include "tests/linearizability/checker.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/linearizability/instance_model.h"
#include "tests/linearizability/override_model.h"
#include "tests/linearizability/recorded.h"
#include "tests/sim/oracles/all.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

namespace lin = rollcall::linearizability;

using google::protobuf::DynamicCastToGenerated;
using google::protobuf::Message;
using lin::InstanceCall;
using lin::OverrideCall;

// For each instance and each override.
constexpr uint64_t kMostSteps = 2'000'000;

std::string PlainName(const v1::InstanceKey& key) {
  return absl::StrCat(key.service(), "/", key.id());
}

// What an owner says of an instance, as far as processes of a world differ in it.
std::string Said(const v1::InstanceSpec& spec) {
  std::string said = absl::StrCat("\"", spec.locality().zone());
  for (const v1::Endpoint& endpoint : spec.endpoints()) {
    absl::StrAppend(&said, " ", endpoint.address(), ":", endpoint.port());
  }
  if (spec.has_weight()) absl::StrAppend(&said, " weight ", spec.weight());
  if (spec.start_unready()) said += " unready";
  return said + "\"";
}

// What an operator decided: of a request, or as it stands.
template <typename Message>
std::string Decided(const Message& message) {
  std::string decided = v1::OverrideMode_Name(message.mode());
  if (message.has_weight()) absl::StrAppend(&decided, " weight ", message.weight());
  return decided;
}

using RecordedInstances = lin::Recorded<lin::InstanceModel>;
using RecordedOverrides = lin::Recorded<lin::OverrideModel>;

class Linearizability final : public Oracle {
 public:
  explicit Linearizability(Findings& findings) : Oracle("linearizability", findings) {}

  void OnAsked(const World& world, uint64_t call, const Message& message) override {
    const lin::Instant now = Now(world);
    if (const auto* request = DynamicCastToGenerated<v1::RegisterRequest>(&message)) {
      Register(call, *request, now);
    } else if (const auto* request = DynamicCastToGenerated<v1::DeregisterRequest>(&message)) {
      Deregister(call, *request, now);
    } else if (const auto* request = DynamicCastToGenerated<v1::GetInstanceRequest>(&message)) {
      if (request->consistency() != v1::CONSISTENCY_LATEST) return;
      open_instances_[call].push_back(
          instances_.Ask(PlainName(request->key()), {InstanceCall::Kind::kGet}, now));
    } else if (const auto* request = DynamicCastToGenerated<v1::RemoveInstanceRequest>(&message)) {
      open_instances_[call].push_back(
          instances_.Ask(PlainName(request->key()), {InstanceCall::Kind::kTake}, now));
    } else if (const auto* request = DynamicCastToGenerated<v1::SetOverrideRequest>(&message)) {
      open_overrides_[call] =
          overrides_.Ask(PlainName(request->key()),
                         {OverrideCall::Kind::kSet, Decided(*request), request->actor()}, now);
    } else if (const auto* request = DynamicCastToGenerated<v1::ClearOverrideRequest>(&message)) {
      open_overrides_[call] = overrides_.Ask(
          PlainName(request->key()), {OverrideCall::Kind::kClear, "", request->actor()}, now);
    } else if (const auto* request = DynamicCastToGenerated<v1::ListOverridesRequest>(&message)) {
      open_lists_[call] = {request->service(), now};
    }
  }

  void OnAnswered(const World& world, uint64_t call, const absl::Status& status,
                  const Message* answer) override {
    const lin::Instant now = Now(world);
    if (const auto at = open_instances_.find(call); at != open_instances_.end()) {
      for (const auto& id : at->second) AnswerInstance(id, status, answer, now);
      open_instances_.erase(at);
    } else if (const auto at = open_overrides_.find(call); at != open_overrides_.end()) {
      AnswerOverride(at->second, status, answer, now);
      open_overrides_.erase(at);
    } else if (const auto at = open_lists_.find(call); at != open_lists_.end()) {
      if (answer != nullptr) {
        AnswerList(at->second, *DynamicCastToGenerated<v1::ListOverridesResponse>(answer), now);
      }
      open_lists_.erase(at);
    }
  }

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.purged) return;
    if (change.session != nullptr) OnSession(world, *change.session, change.session_before);
    if (change.instance != nullptr) OnInstance(world, *change.instance, change.instance_before);
    if (change.over != nullptr) OnOverride(world, change);
  }

  void AtEnd(const World&) override {
    // What an unanswered registration did stands in the store.
    instances_.DropIdle([this](const std::string& name, const InstanceCall& call) {
      return call.kind == InstanceCall::Kind::kRegister && !held_.contains({name, call.session});
    });
    Judge(lin::CheckAll<lin::InstanceModel>(instances_.History(), kMostSteps));
    Judge(lin::CheckAll<lin::OverrideModel>(overrides_.History(), kMostSteps), "the override of ");
  }

 private:
  struct List {
    std::string service;
    lin::Instant asked;
  };

  static lin::Instant Now(const World& world) { return absl::ToInt64Nanoseconds(world.elapsed()); }
  void Judge(const lin::Result& result, absl::string_view of = "") {
    if (result.verdict != lin::Verdict::kYes) Wrong(absl::StrCat(of, result.why));
  }

  void Register(uint64_t call, const v1::RegisterRequest& request, lin::Instant now) {
    for (const v1::InstanceSpec& spec : request.instances()) {
      const std::string name = absl::StrCat(spec.service(), "/", spec.id());
      sessions_[request.session_id()].insert(name);
      open_instances_[call].push_back(instances_.Ask(
          name, {InstanceCall::Kind::kRegister, request.session_id(), Said(spec)}, now));
    }
  }
  void Deregister(uint64_t call, const v1::DeregisterRequest& request, lin::Instant now) {
    const bool whole = request.instances().empty();
    (whole ? asked_to_end_ : asked_to_remove_).insert(request.session_id());
    std::set<std::string> names;
    for (const v1::InstanceKey& key : request.instances()) names.insert(PlainName(key));
    for (const std::string& name : whole ? sessions_[request.session_id()] : names) {
      open_instances_[call].push_back(instances_.Ask(
          name, {InstanceCall::Kind::kDeregister, request.session_id(), "", whole}, now));
    }
  }

  void AnswerInstance(const RecordedInstances::Id& id, const absl::Status& status,
                      const Message* answer, lin::Instant now) {
    InstanceCall& call = instances_.At(id);
    if (answer == nullptr) return AnswerFailure(id, call, status, now);
    instances_.Return(id, now);
    if (const auto* response = DynamicCastToGenerated<v1::RegisterResponse>(answer)) {
      // One instance for each process.
      call.epoch = response->lease_epochs(0);
      call.revision = response->revision();
    } else if (const auto* response = DynamicCastToGenerated<v1::DeregisterResponse>(answer)) {
      call.revision = response->revision();
    } else if (const auto* response = DynamicCastToGenerated<v1::RemoveInstanceResponse>(answer)) {
      call.revision = response->revision();
    } else if (const auto* response = DynamicCastToGenerated<v1::GetInstanceResponse>(answer)) {
      call.spec = Said(response->instance().spec());
      call.epoch = response->instance().lease_epoch();
      call.revision = response->instance().revision();
    }
  }
  void AnswerFailure(const RecordedInstances::Id& id, InstanceCall& call,
                     const absl::Status& status, lin::Instant now) {
    if (lin::MayBeDone(status.raw_code())) return;
    const bool read = call.kind == InstanceCall::Kind::kGet;
    const bool take = call.kind == InstanceCall::Kind::kTake;
    const bool registers = call.kind == InstanceCall::Kind::kRegister;
    // There is none to be removed: as good as a read.
    if ((read || take) && absl::IsNotFound(status)) {
      call.kind = InstanceCall::Kind::kGet;
      return instances_.Return(id, now);
    }
    if (!registers || !absl::IsFailedPrecondition(status)) return instances_.Drop(id);
    call.kind = InstanceCall::Kind::kRefused;
    instances_.Return(id, now);
  }
  void AnswerOverride(const RecordedOverrides::Id& id, const absl::Status& status,
                      const Message* answer, lin::Instant now) {
    if (answer == nullptr) {
      if (!lin::MayBeDone(status.raw_code())) overrides_.Drop(id);
      return;
    }
    OverrideCall& call = overrides_.At(id);
    overrides_.Return(id, now);
    if (const auto* response = DynamicCastToGenerated<v1::SetOverrideResponse>(answer)) {
      call.revision = response->revision();
    } else if (const auto* response = DynamicCastToGenerated<v1::ClearOverrideResponse>(answer)) {
      call.revision = response->revision();
    }
  }
  // One read of each override that anybody ever spoke of.
  void AnswerList(const List& list, const v1::ListOverridesResponse& response, lin::Instant now) {
    std::map<std::string, OverrideCall> told;
    for (const std::string& name : overrides_.Keys()) {
      if (name.compare(0, list.service.size() + 1, list.service + "/") == 0) {
        told[name] = {OverrideCall::Kind::kGet};
      }
    }
    for (const v1::Override& over : response.overrides()) {
      told[PlainName(over.key())] = {OverrideCall::Kind::kGet, Decided(over), over.actor(),
                                     over.revision()};
    }
    for (auto& [name, call] : told) {
      overrides_.Return(overrides_.Ask(name, std::move(call), list.asked), now);
    }
  }

  // What somebody asked for is known from him. (A session that said that it leaves is ended in its
  // owner's name when he is gone, also if he never asked for it.)
  bool IsAskedFor(v1::Cause cause, const std::string& session, bool whole) const {
    if (cause == v1::CAUSE_REMOVED) return true;
    if (cause != v1::CAUSE_DEREGISTERED) return false;
    return asked_to_end_.contains(session) || (!whole && asked_to_remove_.contains(session));
  }
  void OnSession(const World& world, const internal::v1::SessionRecord& session,
                 const Stood<internal::v1::SessionRecord>* before) {
    using internal::v1::SESSION_STATE_ENDED;
    if (session.state() != SESSION_STATE_ENDED) return;
    if (before != nullptr && before->record.state() == SESSION_STATE_ENDED) return;
    if (IsAskedFor(session.stamp().cause(), session.id(), true)) return;
    for (const std::string& name : sessions_[session.id()]) {
      const auto removed = removed_.find(name);
      const bool together = removed != removed_.end() && removed->second.at == Now(world) &&
                            removed->second.owner == session.id();
      if (together) {
        instances_.At(removed->second.call) = {InstanceCall::Kind::kEnd, session.id(), "", true};
      } else {
        Happens(world, name, {InstanceCall::Kind::kEnd, session.id()});
      }
    }
  }
  void OnInstance(const World& world, const internal::v1::InstanceRecord& instance,
                  const Stood<internal::v1::InstanceRecord>* before) {
    const std::string name = absl::StrCat(instance.spec().service(), "/", instance.spec().id());
    if (!instance.removed()) held_.emplace(name, instance.session_id());
    if (!instance.removed() || before == nullptr || before->record.removed()) return;
    const std::string& owner = before->record.session_id();
    if (IsAskedFor(instance.stamp().cause(), owner, false)) return;
    removed_[name] = {owner, Happens(world, name, {InstanceCall::Kind::kRemove, owner}),
                      Now(world)};
  }
  // One that ends by itself.
  void OnOverride(const World& world, const TruthChange& change) {
    if (change.over->stamp().cause() != v1::CAUSE_OVERRIDE_EXPIRED) return;
    const lin::Instant now = Now(world);
    overrides_.Return(overrides_.Ask(PlainName(change.over->key()),
                                     {OverrideCall::Kind::kClear, "", change.over->stamp().actor(),
                                      static_cast<uint64_t>(change.revision)},
                                     now),
                      now);
  }
  RecordedInstances::Id Happens(const World& world, const std::string& name, InstanceCall call) {
    const lin::Instant now = Now(world);
    RecordedInstances::Id id = instances_.Ask(name, std::move(call), now);
    instances_.Return(id, now);
    return id;
  }

  // The system's last removal of an instance: the session's end may be told next, of the same
  // transaction.
  struct Removal {
    std::string owner;
    RecordedInstances::Id call;
    lin::Instant at = 0;
  };

  RecordedInstances instances_;
  RecordedOverrides overrides_;
  std::map<std::string, Removal> removed_;
  std::map<uint64_t, std::vector<RecordedInstances::Id>> open_instances_;
  std::map<uint64_t, RecordedOverrides::Id> open_overrides_;
  std::map<uint64_t, List> open_lists_;
  // Whose owners asked for it, whatever came of that.
  std::set<std::string> asked_to_end_;
  std::set<std::string> asked_to_remove_;
  // By instance, the sessions that ever held it.
  std::set<std::pair<std::string, std::string>> held_;
  // The instances that a session ever asked for.
  std::map<std::string, std::set<std::string>> sessions_;
};

}  // namespace

std::unique_ptr<Oracle> MakeLinearizability(Findings& findings) {
  return std::make_unique<Linearizability>(findings);
}

}  // namespace rollcall::sim
