#include "server/rpc/discovery_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/model/limits.h"
#include "server/model/names.h"
#include "server/model/times.h"
#include "server/rpc/validation.h"
#include "server/store/contact.h"

namespace rollcall::rpc {

DiscoveryHandler::DiscoveryHandler(const catalog::ViewTable& views, base::Executor& core,
                                   const base::Clock& clock, replica::Replica& replica,
                                   store::Store& store, feed::FrameFactory make_frame,
                                   std::function<absl::Duration()> store_age)
    : views_(views),
      core_(core),
      clock_(clock),
      replica_(replica),
      store_(store),
      store_age_(std::move(store_age)),
      cache_(std::move(make_frame)) {}

void DiscoveryHandler::Resolve(v1::ResolveRequest request, const Call& call,
                               Reply<Resolved> reply) {
  resolves_.fetch_add(1, std::memory_order_relaxed);
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  if (!request.store_id().empty() && request.at_least_revision() > 0 &&
      request.store_id() != views_.store_id().value()) {
    reply(absl::OutOfRangeError(absl::StrCat(
        "store_id: revision ", request.at_least_revision(), " is of store \"", request.store_id(),
        "\", this is store \"", views_.store_id().value(), "\"; ask without at_least_revision")));
    return;
  }
  const base::Instant deadline = std::min(call.deadline, clock_.Steady() + kRevisionWait);
  if (request.consistency() == v1::CONSISTENCY_LATEST) {
    AnswerLatest(std::move(request), deadline, std::move(reply));
  } else if (Revision(request.at_least_revision()) > views_.applied()) {
    const Revision revision(request.at_least_revision());
    core_.Post([this, request = std::move(request), revision, deadline,
                reply = std::move(reply)]() mutable {
      AnswerAt(std::move(request), revision, deadline, std::move(reply));
    });
  } else {
    reply(Answer(request));
  }
}

void DiscoveryHandler::AnswerAt(v1::ResolveRequest request, Revision revision,
                                base::Instant deadline, Reply<Resolved> reply) {
  replica_.WhenApplied(
      revision, deadline,
      [this, request = std::move(request), reply = std::move(reply)](absl::Status status) mutable {
        if (status.ok()) {
          reply(Answer(request));
        } else {
          reply(std::move(status));
        }
      });
}

void DiscoveryHandler::AnswerLatest(v1::ResolveRequest request, base::Instant deadline,
                                    Reply<Resolved> reply) {
  store_.Barrier([this, request = std::move(request), deadline,
                  reply = std::move(reply)](absl::StatusOr<Revision> barrier) mutable {
    if (!barrier.ok()) {
      reply(barrier.status());
      return;
    }
    const Revision revision = std::max(*barrier, Revision(request.at_least_revision()));
    core_.Post([this, request = std::move(request), revision, deadline,
                reply = std::move(reply)]() mutable {
      AnswerAt(std::move(request), revision, deadline, std::move(reply));
    });
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

absl::StatusOr<v1::GetInstanceResponse> DiscoveryHandler::GetInstance(
    v1::GetInstanceRequest request) const {
  RETURN_IF_ERROR(ValidateKey(*request.mutable_key(), "key"));
  const InstanceName name = NameOf(request.key());
  v1::GetInstanceResponse response;
  response.set_revision(views_.applied().value());
  response.set_store_id(views_.store_id().value());
  const auto snapshot = views_.Find(name.service);
  if (snapshot != nullptr) {
    const auto at =
        std::lower_bound(snapshot->instances.begin(), snapshot->instances.end(), name.id,
                         [](const auto& live, const std::string& id) { return live->id < id; });
    if (at != snapshot->instances.end() && (*at)->id == name.id) {
      response.mutable_instance()->ParseFromString((*at)->encoded);
      return response;
    }
  }
  return absl::NotFoundError(absl::StrCat(Spoken(name), " is not registered"));
}

}  // namespace rollcall::rpc
