#include "tests/integration/linearizability/asker.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::integration {
namespace {

using linearizability::InstanceCall;
using linearizability::Instant;
using linearizability::OverrideCall;

// Of one call: a server that is away for long costs no more.
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr absl::Duration kLongTtl = absl::Minutes(10);
constexpr absl::Duration kBriefTtl = absl::Seconds(1);
// One session in so many is brief: each is two operations whose outcome nobody tells.
constexpr uint64_t kOneIsBrief = 12;

std::string SaidOf(const v1::InstanceSpec& spec) {
  const auto at = spec.metadata().find("said");
  return at == spec.metadata().end() ? "?" : at->second;
}

std::string WhatOf(v1::OverrideMode mode, uint32_t weight) {
  return absl::StrCat(v1::OverrideMode_Name(mode), " weight ", weight);
}

}  // namespace

Asker::Asker(std::string name, const Channels& servers, uint64_t seed, Recorders& recorders)
    : name_(std::move(name)), recorders_(recorders), random_(seed) {
  for (const auto& channel : servers) servers_.emplace_back(channel);
  thread_ = std::thread([this] { Run(); });
}

void Asker::Stop() {
  stopping_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Asker::Run() {
  while (!stopping_.Within(random_.Between(absl::ZeroDuration(), absl::Milliseconds(12)))) {
    AskSomething();
  }
}

void Asker::AskSomething() {
  const std::string id = absl::StrCat("i", random_.Below(kInstances));
  const uint64_t which = random_.Below(100);
  if (which < 40) {
    Get(Any(), id, recorders_);
  } else if (which < 50) {
    List(Any(), recorders_);
  } else if (which < 75) {
    Register(id);
  } else if (which < 83) {
    Deregister(id);
  } else if (which < 86) {
    Remove(id);
  } else {
    Override(id);
  }
}

Asker::Session Asker::Open() {
  return {random_.Hex128(), random_.Hex128(), random_.Below(kOneIsBrief) == 0};
}

void Asker::Register(const std::string& id) {
  auto at = sessions_.find(id);
  if (at == sessions_.end()) at = sessions_.emplace(id, Open()).first;
  Session& session = at->second;
  // What it said before, or something new.
  if (session.said.id().empty() || random_.Below(3) != 0) {
    session.said = Spec(kService, id);
    (*session.said.mutable_metadata())["said"] = absl::StrCat(name_, ".", ++said_);
  }
  v1::RegisterRequest request;
  request.set_session_id(session.id);
  request.set_session_secret(session.secret);
  request.set_open(true);
  request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(session.brief ? kBriefTtl : kLongTtl));
  *request.add_instances() = session.said;
  InstanceCall call{InstanceCall::Kind::kRegister, session.id, SaidOf(session.said)};
  NoteEnd(id, session);
  const auto asked = recorders_.instances.Ask(id, call);
  v1::RegisterResponse response;
  const grpc::Status status =
      Any().Call(&v1::Registry::Stub::Register, request, response, kPatience);
  if (status.ok()) {
    call.epoch = response.lease_epochs(0);
    call.revision = response.revision();
    recorders_.instances.Answer(asked, call);
  } else if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
    call.kind = InstanceCall::Kind::kRefused;
    recorders_.instances.Answer(asked, call);
    sessions_.erase(at);
  } else {
    recorders_.instances.Fail(asked, status.error_code());
  }
}

void Asker::NoteEnd(const std::string& id, Session& session) {
  if (!session.brief || session.end_noted) return;
  session.end_noted = true;
  const Instant earliest = recorders_.instances.Now() + absl::ToInt64Nanoseconds(kBriefTtl);
  recorders_.instances.AskAt(id, {InstanceCall::Kind::kEnd, session.id}, earliest);
  recorders_.instances.AskAt(id, {InstanceCall::Kind::kRemove, session.id}, earliest);
}

void Asker::Deregister(const std::string& id) {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return;
  InstanceCall call{InstanceCall::Kind::kDeregister, at->second.id};
  call.whole = random_.Below(3) == 0;
  v1::DeregisterRequest request;
  request.set_session_id(at->second.id);
  request.set_session_secret(at->second.secret);
  if (!call.whole) *request.add_instances() = Key(kService, id);
  if (call.whole) sessions_.erase(at);
  const auto asked = recorders_.instances.Ask(id, call);
  v1::DeregisterResponse response;
  const grpc::Status status =
      Any().Call(&v1::Registry::Stub::Deregister, request, response, kPatience);
  if (!status.ok()) return recorders_.instances.Fail(asked, status.error_code());
  call.revision = response.revision();
  recorders_.instances.Answer(asked, call);
}

void Asker::Remove(const std::string& id) {
  v1::RemoveInstanceRequest request;
  *request.mutable_key() = Key(kService, id);
  request.set_actor(name_);
  const auto asked = recorders_.instances.Ask(id, {InstanceCall::Kind::kTake});
  v1::RemoveInstanceResponse response;
  const grpc::Status status =
      Any().Call(&v1::Operations::Stub::RemoveInstance, request, response, kPatience);
  if (status.ok()) {
    InstanceCall call{InstanceCall::Kind::kTake};
    call.revision = response.revision();
    recorders_.instances.Answer(asked, call);
  } else if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    recorders_.instances.Answer(asked, {InstanceCall::Kind::kGet});  // There is none.
  } else {
    recorders_.instances.Fail(asked, status.error_code());
  }
}

void Asker::Override(const std::string& id) {
  OverrideCall call{OverrideCall::Kind::kSet};
  call.actor = absl::StrCat(name_, ".", ++said_);
  uint64_t revision = 0;
  grpc::Status status;
  const auto record = [&](const auto& asked, auto ask) {
    status = ask();
    if (!status.ok()) return recorders_.overrides.Fail(asked, status.error_code());
    call.revision = revision;
    recorders_.overrides.Answer(asked, call);
  };
  if (random_.Below(2) == 0) {
    call.kind = OverrideCall::Kind::kClear;
    v1::ClearOverrideRequest request;
    *request.mutable_key() = Key(kService, id);
    request.set_actor(call.actor);
    record(recorders_.overrides.Ask(id, call), [&] {
      v1::ClearOverrideResponse response;
      const auto answered =
          Any().Call(&v1::Operations::Stub::ClearOverride, request, response, kPatience);
      revision = response.revision();
      return answered;
    });
    return;
  }
  v1::SetOverrideRequest request;
  *request.mutable_key() = Key(kService, id);
  request.set_actor(call.actor);
  request.set_mode(random_.Below(2) == 0 ? v1::OVERRIDE_MODE_DRAINING
                                         : v1::OVERRIDE_MODE_OUT_OF_SERVICE);
  request.set_weight(static_cast<uint32_t>(random_.Below(3)));
  call.what = WhatOf(request.mode(), request.weight());
  record(recorders_.overrides.Ask(id, call), [&] {
    v1::SetOverrideResponse response;
    const auto answered =
        Any().Call(&v1::Operations::Stub::SetOverride, request, response, kPatience);
    revision = response.revision();
    return answered;
  });
}

bool Asker::Get(RawClient& server, const std::string& id, Recorders& recorders) {
  v1::GetInstanceRequest request;
  *request.mutable_key() = Key(kService, id);
  request.set_consistency(v1::CONSISTENCY_LATEST);
  InstanceCall call{InstanceCall::Kind::kGet};
  const auto asked = recorders.instances.Ask(id, call);
  v1::GetInstanceResponse response;
  const grpc::Status status =
      server.Call(&v1::Discovery::Stub::GetInstance, request, response, kPatience);
  if (status.ok()) {
    call.spec = SaidOf(response.instance().spec());
    call.epoch = response.instance().lease_epoch();
    call.revision = response.instance().revision();
  } else if (status.error_code() != grpc::StatusCode::NOT_FOUND) {
    recorders.instances.Fail(asked, status.error_code());
    return false;
  }
  recorders.instances.Answer(asked, call);
  return true;
}

// One read of each override.
bool Asker::List(RawClient& server, Recorders& recorders) {
  v1::ListOverridesRequest request;
  request.set_service(kService);
  request.set_consistency(v1::CONSISTENCY_LATEST);
  std::map<std::string, OverrideCall> told;
  std::map<std::string, Recorder<linearizability::OverrideModel>::Id> asked;
  for (size_t i = 0; i < kInstances; ++i) {
    const std::string id = absl::StrCat("i", i);
    told[id] = {OverrideCall::Kind::kGet};
    asked[id] = recorders.overrides.Ask(id, told[id]);
  }
  v1::ListOverridesResponse response;
  const grpc::Status status =
      server.Call(&v1::Operations::Stub::ListOverrides, request, response, kPatience);
  for (const v1::Override& over : response.overrides()) {
    told[over.key().id()] = {OverrideCall::Kind::kGet, WhatOf(over.mode(), over.weight()),
                             over.actor(), over.revision()};
  }
  for (const auto& [id, asking] : asked) {
    if (status.ok()) {
      recorders.overrides.Answer(asking, told[id]);
    } else {
      recorders.overrides.Fail(asking, status.error_code());
    }
  }
  return status.ok();
}

bool Asker::ReadAll(RawClient& server, Recorders& recorders) {
  bool all = true;
  for (size_t i = 0; i < kInstances; ++i) {
    all = Get(server, absl::StrCat("i", i), recorders) && all;
  }
  return List(server, recorders) && all;
}

}  // namespace rollcall::integration
