#include "server/rpc/discovery_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/names.h"
#include "server/model/times.h"
#include "server/rpc/validation.h"
#include "server/store/contact.h"

namespace rollcall::rpc {

DiscoveryHandler::DiscoveryHandler(const catalog::ViewTable& views, ReadGate& reads,
                                   feed::FrameFactory make_frame,
                                   std::function<absl::Duration()> store_age)
    : views_(views),
      reads_(reads),
      store_age_(std::move(store_age)),
      cache_(std::move(make_frame)) {}

void DiscoveryHandler::Resolve(v1::ResolveRequest request, const Call& call,
                               Reply<Resolved> reply) {
  resolves_.fetch_add(1, std::memory_order_relaxed);
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  const ReadGate::Want want{request.consistency(), Revision(request.at_least_revision()),
                            request.store_id()};
  reads_.Read(
      want, call,
      [this, request = std::move(request), reply = std::move(reply)](absl::Status known) mutable {
        if (known.ok()) {
          reply(Answer(request));
        } else {
          reply(std::move(known));
        }
      });
}

DiscoveryHandler::Resolved DiscoveryHandler::Answer(const v1::ResolveRequest& request) {
  const Selector selector = *Selector::Parse(request.selector());
  Resolved resolved;
  v1::ResolveResponse head;
  // Before the snapshot: what it says is at least as new.
  head.set_revision(views_.applied().value());
  head.set_store_id(views_.store_id().value());
  const absl::Duration age = store_age_();
  *head.mutable_age() = ToProto(age);
  head.set_store_reachable(age <= store::kReachableWithin);
  if (const auto snapshot = views_.Find({request.namespace_(), request.service()})) {
    head.set_revision(std::max(head.revision(), snapshot->revision.value()));
    resolved.instances = cache_.Instances(*snapshot, selector, request.strict());
  }
  resolved.head = head.SerializeAsString();
  return resolved;
}

absl::StatusOr<v1::ListServicesResponse> DiscoveryHandler::ListServices(
    v1::ListServicesRequest request) const {
  RETURN_IF_ERROR(Validate(request));
  RETURN_IF_ERROR(reads_.Loaded());
  v1::ListServicesResponse response;
  response.set_revision(views_.applied().value());
  response.set_store_id(views_.store_id().value());
  for (const auto& snapshot : views_.List(request.namespace_())) {
    if (snapshot->instances.empty()) continue;
    v1::ServiceSummary& summary = *response.add_services();
    summary.set_namespace_(snapshot->name.ns);
    summary.set_service(snapshot->name.service);
    summary.set_instances(static_cast<uint32_t>(snapshot->instances.size()));
    summary.set_starting(snapshot->counts[v1::STANDING_STARTING]);
    summary.set_passing(snapshot->counts[v1::STANDING_PASSING]);
    summary.set_suspect(snapshot->counts[v1::STANDING_SUSPECT]);
    summary.set_critical(snapshot->counts[v1::STANDING_CRITICAL]);
    summary.set_draining(snapshot->counts[v1::STANDING_DRAINING]);
    summary.set_out_of_service(snapshot->counts[v1::STANDING_OUT_OF_SERVICE]);
    summary.set_revision(snapshot->revision.value());
  }
  return response;
}

void DiscoveryHandler::GetInstance(v1::GetInstanceRequest request, Call call,
                                   Reply<v1::GetInstanceResponse> reply) {
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  const ReadGate::Want want{request.consistency(), Revision(request.at_least_revision()),
                            request.store_id()};
  const bool knows_all = want.consistency == v1::CONSISTENCY_LATEST;
  reads_.Read(want, call,
              [this, name = NameOf(request.key()), knows_all, call,
               reply = std::move(reply)](absl::Status known) mutable {
                if (!known.ok()) return reply(std::move(known));
                auto found = Look(name);
                if (knows_all || !absl::IsNotFound(found.status())) return reply(std::move(found));
                reads_.Deny(call,
                            [this, name, reply = std::move(reply)](absl::Status may_deny) mutable {
                              if (!may_deny.ok()) return reply(std::move(may_deny));
                              reply(Look(name));
                            });
              });
}

absl::StatusOr<v1::GetInstanceResponse> DiscoveryHandler::Look(const InstanceName& name) const {
  v1::GetInstanceResponse response;
  response.set_revision(views_.applied().value());
  response.set_store_id(views_.store_id().value());
  const auto snapshot = views_.Find(name.service);
  if (snapshot != nullptr) {
    const auto at =
        std::lower_bound(snapshot->instances.begin(), snapshot->instances.end(), name.id,
                         [](const auto& live, const std::string& id) { return live->id() < id; });
    if (at != snapshot->instances.end() && (*at)->id() == name.id) {
      *response.mutable_instance() = (*at)->Told();
      return response;
    }
  }
  return absl::NotFoundError(absl::StrCat(Spoken(name), " is not registered"));
}

}  // namespace rollcall::rpc
