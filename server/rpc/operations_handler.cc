#include "server/rpc/operations_handler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/command/deregister.h"
#include "server/command/operator_commands.h"
#include "server/model/names.h"
#include "server/model/selector.h"
#include "server/model/times.h"
#include "server/rpc/operator_checks.h"
#include "server/rpc/served_because.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {
namespace {

ServiceName NameOf(const v1::ServiceKey& key) { return {key.namespace_(), key.service()}; }

}  // namespace

using rollcall::NameOf;

template <typename Response>
void OperationsHandler::Stamp(Response& response, Revision revision) const {
  response.set_revision(revision.value());
  response.set_store_id(parts_.views.store_id().value());
}

template <typename Response>
void OperationsHandler::Commit(std::shared_ptr<command::Command> command, Call call,
                               Reply<Response> reply, absl::AnyInvocable<void(Response&)> fill) {
  parts_.core.Post([this, command = std::move(command), call = std::move(call),
                    reply = std::move(reply), fill = std::move(fill)]() mutable {
    parts_.commands.Submit(
        std::move(command), call.deadline,
        [this, reply = std::move(reply),
         fill = std::move(fill)](absl::StatusOr<Revision> revision) mutable {
          if (!revision.ok()) {
            reply(revision.status());
            return;
          }
          Response response;
          Stamp(response, *revision);
          if (fill) fill(response);
          reply(std::move(response));
        },
        std::move(call.cancelled));
  });
}

v1::Override OperationsHandler::ToProto(
    const Versioned<internal::v1::OverrideRecord>& record) const {
  v1::Override over;
  *over.mutable_key() = record->key();
  over.set_mode(record->mode());
  if (record->has_weight()) over.set_weight(record->weight());
  over.set_actor(record->stamp().actor());
  over.set_reason(record->reason());
  if (record->has_expires()) *over.mutable_expires() = record->expires();
  over.set_revision(record.revision.value());
  *over.mutable_set_at() = record->stamp().time();
  return over;
}

void OperationsHandler::SetOverride(v1::SetOverrideRequest request, Call call,
                                    Reply<v1::SetOverrideResponse> reply) {
  if (Refused(Validate(request), reply)) return;
  command::SetOverride::Wish wish;
  wish.name = NameOf(request.key());
  wish.mode = request.mode();
  if (request.has_weight()) wish.weight = request.weight();
  wish.reason = request.reason();
  if (request.has_duration()) wish.duration = FromProto(request.duration());
  wish.must_exist = request.must_exist();
  command::Reason why{v1::CAUSE_OVERRIDE_SET, ActorOf(request.actor(), call), request.reason()};
  const InstanceName name = wish.name;
  Commit<v1::SetOverrideResponse>(
      std::make_shared<command::SetOverride>(std::move(wish), std::move(why)), std::move(call),
      std::move(reply), [this, name](v1::SetOverrideResponse& response) {
        const auto now = parts_.catalog.Override(name);
        if (now.exists() && !now->removed()) *response.mutable_override() = ToProto(now);
      });
}

void OperationsHandler::ClearOverride(v1::ClearOverrideRequest request, Call call,
                                      Reply<v1::ClearOverrideResponse> reply) {
  if (Refused(ValidateKey(*request.mutable_key(), "key"), reply)) return;
  if (Refused(CheckActor(request.actor()), reply)) return;
  command::Reason why{v1::CAUSE_OVERRIDE_CLEARED, ActorOf(request.actor(), call), ""};
  Commit<v1::ClearOverrideResponse>(
      std::make_shared<command::ClearOverride>(NameOf(request.key()), false, std::move(why)),
      std::move(call), std::move(reply));
}

v1::ListOverridesResponse OperationsHandler::OverridesNow(
    const v1::ListOverridesRequest& request) const {
  v1::ListOverridesResponse response;
  Stamp(response, parts_.catalog.applied());
  for (const auto& record : parts_.catalog.Overrides()) {
    const v1::InstanceKey& key = record->key();
    if (request.namespace_() != "*" && key.namespace_() != request.namespace_()) continue;
    if (!request.service().empty() && key.service() != request.service()) continue;
    *response.add_overrides() = ToProto(record);
  }
  return response;
}

void OperationsHandler::ListOverrides(v1::ListOverridesRequest request, Call call,
                                      Reply<v1::ListOverridesResponse> reply) {
  if (Refused(Validate(request), reply)) return;
  parts_.core.Post([this, request = std::move(request), call = std::move(call),
                    reply = std::move(reply)]() mutable {
    const ReadGate::Want want{.consistency = request.consistency()};
    parts_.reads.Read(
        want, call,
        [this, request = std::move(request), reply = std::move(reply)](absl::Status known) mutable {
          if (Refused(known, reply)) return;
          reply(OverridesNow(request));
        });
  });
}

void OperationsHandler::RemoveInstance(v1::RemoveInstanceRequest request, Call call,
                                       Reply<v1::RemoveInstanceResponse> reply) {
  if (Refused(ValidateKey(*request.mutable_key(), "key"), reply)) return;
  if (Refused(CheckActor(request.actor(), request.reason()), reply)) return;
  command::Reason why{v1::CAUSE_REMOVED, ActorOf(request.actor(), call), request.reason()};
  Commit<v1::RemoveInstanceResponse>(
      std::make_shared<command::RemoveInstance>(NameOf(request.key()), std::move(why)),
      std::move(call), std::move(reply));
}

absl::StatusOr<v1::GetServiceResponse> OperationsHandler::ServiceNow(
    const ServiceName& name) const {
  const auto spec = parts_.catalog.Service(name);
  if (!spec.exists() || spec->removed()) {
    return absl::NotFoundError(
        absl::StrCat("service \"", name.service, "\" has no specification; the defaults apply"));
  }
  v1::GetServiceResponse response;
  *response.mutable_spec() = spec->spec();
  Stamp(response, spec.revision);
  return response;
}

void OperationsHandler::GetService(v1::GetServiceRequest request, Call call,
                                   Reply<v1::GetServiceResponse> reply) {
  if (Refused(Validate(request), reply)) return;
  const bool latest = request.consistency() == v1::CONSISTENCY_LATEST;
  parts_.core.Post([this, name = NameOf(request.key()), latest, call = std::move(call),
                    reply = std::move(reply)]() mutable {
    auto found = ServiceNow(name);
    if (!latest && !absl::IsNotFound(found.status())) return reply(std::move(found));
    parts_.reads.Deny(call, [this, name, reply = std::move(reply)](absl::Status known) mutable {
      if (!Refused(known, reply)) reply(ServiceNow(name));
    });
  });
}

void OperationsHandler::PutService(v1::PutServiceRequest request, Call call,
                                   Reply<v1::PutServiceResponse> reply) {
  if (Refused(Validate(*request.mutable_spec()), reply)) return;
  if (Refused(CheckActor(request.actor()), reply)) return;
  const ServiceName name{request.spec().namespace_(), request.spec().service()};
  command::Reason why{v1::CAUSE_SPEC_CHANGED, ActorOf(request.actor(), call), ""};
  Commit<v1::PutServiceResponse>(std::make_shared<command::PutService>(
                                     name, std::move(*request.mutable_spec()), std::move(why)),
                                 std::move(call), std::move(reply));
}

void OperationsHandler::DeleteService(v1::DeleteServiceRequest request, Call call,
                                      Reply<v1::DeleteServiceResponse> reply) {
  if (Refused(ValidateKey(*request.mutable_key(), "key"), reply)) return;
  if (Refused(CheckActor(request.actor()), reply)) return;
  command::Reason why{v1::CAUSE_SPEC_CHANGED, ActorOf(request.actor(), call), "deleted"};
  Commit<v1::DeleteServiceResponse>(
      std::make_shared<command::PutService>(NameOf(request.key()), std::nullopt, std::move(why)),
      std::move(call), std::move(reply));
}

void OperationsHandler::GetStatus(v1::GetStatusRequest, Call, Reply<v1::GetStatusResponse> reply) {
  parts_.core.Post([this, reply = std::move(reply)]() mutable {
    v1::GetStatusResponse status;
    Stamp(status, parts_.catalog.applied());
    for (const auto& service : parts_.views.List("*")) {
      if (!service->instances.empty()) status.set_services(status.services() + 1);
    }
    status.set_instances(parts_.catalog.instance_count());
    status.set_sessions(parts_.catalog.session_count());
    status.set_connected_sessions(parts_.sessions.counters().connected);
    status.set_watchers(parts_.feed.stats().watchers);
    for (v1::BrakeInfo& brake : OwnBrakes()) *status.add_brakes() = std::move(brake);
    status.set_ready(true);
    parts_.describe_node(status);
    parts_.history_executor.Post(
        [this, status = std::move(status), reply = std::move(reply)]() mutable {
          const absl::Status room = parts_.check_room ? parts_.check_room() : absl::OkStatus();
          if (absl::IsResourceExhausted(room)) {
            status.set_writes_refused(std::string(room.message()));
          }
          // Only the beginning of history is missing if it cannot be read.
          if (const auto since = parts_.history.KeptSince(); since.ok()) {
            *status.mutable_history_since() = rollcall::ToProto(*since);
          }
          reply(std::move(status));
        });
  });
}

}  // namespace rollcall::rpc
