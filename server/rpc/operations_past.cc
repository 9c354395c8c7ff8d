// What OperationsHandler answers from the past.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/model/names.h"
#include "server/model/selector.h"
#include "server/model/times.h"
#include "server/rpc/operations_handler.h"
#include "server/rpc/served_because.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {
namespace {

constexpr size_t kExplainRows = 200;

}  // namespace

void OperationsHandler::GetHistory(v1::GetHistoryRequest request, Call,
                                   Reply<v1::GetHistoryResponse> reply) {
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  parts_.history_executor.Post(
      [this, request = std::move(request), reply = std::move(reply)]() mutable {
        const absl::Time since =
            request.has_since() ? FromProto(request.since()) : absl::InfinitePast();
        auto page = parts_.history.Changes({request.namespace_(), request.service(), request.id()},
                                           since, request.limit());
        if (!page.ok()) {
          reply(page.status());
          return;
        }
        v1::GetHistoryResponse response;
        response.set_revision(page->revision.value());
        response.set_store_id(parts_.views.store_id().value());
        for (v1::Change& change : page->changes) *response.add_changes() = std::move(change);
        *response.mutable_kept_since() = rollcall::ToProto(page->kept_since);
        response.set_truncated(page->truncated);
        reply(std::move(response));
      });
}

void OperationsHandler::ExplainNow(const InstanceName& name, v1::ExplainResponse& response) {
  const auto snapshot = parts_.views.Find(name.service);
  const ServedVerdict verdict = ServedBecause(snapshot.get(), name.id);
  response.set_served(verdict.served);
  response.set_served_because(verdict.because);
  if (const auto over = parts_.catalog.Override(name); over.exists() && !over->removed()) {
    *response.mutable_override() = ToProto(over);
  }
  if (snapshot == nullptr) return;
  for (const auto& live : snapshot->instances) {
    if (live->id() != name.id) continue;
    *response.mutable_instance() = live->Told();
    if (live->session() != nullptr) {
      if (auto session = parts_.sessions.Info(*live->session())) {
        *response.mutable_session() = *std::move(session);
      }
    }
    for (v1::BrakeInfo& brake : OwnBrakes()) {
      if (brake.namespace_() == name.service.ns && brake.service() == name.service.service &&
          brake.zone() == live->zone()) {
        *response.mutable_brake() = std::move(brake);
      }
    }
  }
}

void OperationsHandler::Explain(v1::ExplainRequest request, Call call,
                                Reply<v1::ExplainResponse> reply) {
  if (absl::Status status = ValidateKey(*request.mutable_key(), "key"); !status.ok()) {
    reply(std::move(status));
    return;
  }
  ExplainAs(NameOf(request.key()), false, std::move(call), std::move(reply));
}

void OperationsHandler::ExplainAs(const InstanceName& name, bool may_deny, Call call,
                                  Reply<v1::ExplainResponse> reply) {
  auto tell = [this, name, may_deny, call = std::move(call),
               reply = std::move(reply)](v1::ExplainResponse response) mutable {
    auto page = parts_.history.Changes({name.service.ns, name.service.service, name.id},
                                       absl::InfinitePast(), kExplainRows);
    if (!page.ok()) return reply(page.status());
    if (response.has_instance() || !page->changes.empty()) {
      response.set_revision(page->revision.value());
      response.set_store_id(parts_.views.store_id().value());
      for (v1::Change& change : page->changes) *response.add_changes() = std::move(change);
      return reply(std::move(response));
    }
    if (may_deny) {
      return reply(absl::NotFoundError(
          absl::StrCat(Spoken(name), " is not registered, and nothing is known of its past")));
    }
    parts_.reads.Deny(call,
                      [this, name, call, reply = std::move(reply)](absl::Status known) mutable {
                        if (!known.ok()) return reply(std::move(known));
                        ExplainAs(name, true, std::move(call), std::move(reply));
                      });
  };
  parts_.core.Post([this, name, tell = std::move(tell)]() mutable {
    v1::ExplainResponse response;
    ExplainNow(name, response);
    parts_.history_executor.Post([response = std::move(response),
                                  tell = std::move(tell)]() mutable { tell(std::move(response)); });
  });
}

void OperationsHandler::ListNow(const v1::ListInstancesRequest& request,
                                v1::ListInstancesResponse& response) const {
  response.set_revision(parts_.views.applied().value());
  response.set_store_id(parts_.views.store_id().value());
  const Selector selector = *Selector::Parse(request.selector());
  const auto snapshot = parts_.views.Find({request.namespace_(), request.service()});
  if (snapshot == nullptr) return;
  response.set_revision(std::max(response.revision(), snapshot->revision.value()));
  for (const auto& live : snapshot->instances) {
    v1::Instance instance = live->Told();
    if (selector.Matches(instance.spec())) *response.add_instances() = std::move(instance);
  }
}

void OperationsHandler::ListInstances(v1::ListInstancesRequest request, Call,
                                      Reply<v1::ListInstancesResponse> reply) {
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  if (!request.has_at()) {
    if (absl::Status status = parts_.reads.Loaded(); !status.ok()) return reply(std::move(status));
    v1::ListInstancesResponse response;
    ListNow(request, response);
    reply(std::move(response));
    return;
  }
  parts_.history_executor.Post(
      [this, request = std::move(request), reply = std::move(reply)]() mutable {
        auto past = parts_.history.InstancesAt({request.namespace_(), request.service(), ""},
                                               FromProto(request.at()));
        if (!past.ok()) {
          reply(past.status());
          return;
        }
        v1::ListInstancesResponse response;
        response.set_revision(past->revision.value());
        response.set_store_id(parts_.views.store_id().value());
        const Selector selector = *Selector::Parse(request.selector());
        for (v1::Instance& instance : past->instances) {
          if (selector.Matches(instance.spec())) *response.add_instances() = std::move(instance);
        }
        reply(std::move(response));
      });
}

}  // namespace rollcall::rpc
