#include "server/rpc/registry_handler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/model/names.h"
#include "server/model/times.h"

namespace rollcall::rpc {
namespace {

bool AnyEphemeral(const v1::RegisterRequest& request) {
  return std::any_of(request.instances().begin(), request.instances().end(),
                     [](const auto& spec) { return spec.lifetime() != v1::LIFETIME_STATIC; });
}

std::string ActorOf(const std::string& client_name, const std::string& peer) {
  return client_name.empty() ? peer : client_name;
}

absl::Status NotReady() {
  return absl::UnavailableError("this node has yet to catch up with the store");
}

}  // namespace

RegistryHandler::RegistryHandler(base::Executor& core, flow::RegistrationFlow& registrations,
                                 flow::SessionCloser& closer, flow::ClientCommands& commands,
                                 base::Random& secrets, TtlBounds bounds, StoreId store_id,
                                 NodeId home)
    : core_(core),
      registrations_(registrations),
      closer_(closer),
      commands_(commands),
      secrets_(secrets),
      bounds_(bounds),
      store_id_(std::move(store_id)),
      home_(std::move(home)) {}

flow::RegistrationFlow::Request RegistryHandler::Flow(v1::RegisterRequest& request, Call& call) {
  flow::RegistrationFlow::Request flow;
  flow.actor = ActorOf(request.client_name(), call.peer);
  flow.deadline = call.deadline;
  flow.cancelled = std::move(call.cancelled);
  if (AnyEphemeral(request)) {
    command::SessionClaim claim;
    if (request.session_id().empty()) {
      request.set_session_id(secrets_.Hex128());
      request.set_session_secret(secrets_.Hex128());
      request.set_open(true);
    }
    claim.id = SessionId(request.session_id());
    claim.secret = request.session_secret();
    if (request.open()) claim.open_ttl = FromProto(request.ttl());
    claim.home = home_.value();
    claim.client_name = request.client_name();
    flow.claim = std::move(claim);
  } else {
    request.clear_session_id();
    request.clear_session_secret();
  }
  for (v1::InstanceSpec& spec : *request.mutable_instances()) flow.specs.push_back(std::move(spec));
  return flow;
}

bool RegistryHandler::OpensSession(const v1::RegisterRequest& request) {
  return AnyEphemeral(request) && (request.open() || request.session_id().empty());
}

void RegistryHandler::Register(v1::RegisterRequest request, Call call,
                               Reply<v1::RegisterResponse> reply) {
  if (absl::Status status = Validate(request, bounds_); !status.ok()) {
    reply(std::move(status));
    return;
  }
  if (!ready_) {
    reply(NotReady());
    return;
  }
  const bool session = AnyEphemeral(request);
  flow::RegistrationFlow::Request flow = Flow(request, call);
  v1::RegisterResponse response;
  response.set_session_id(request.session_id());
  response.set_session_secret(request.session_secret());
  response.set_store_id(store_id_.value());
  core_.Post([this, flow = std::move(flow), response = std::move(response), session,
              reply = std::move(reply)]() mutable {
    registrations_.Run(std::move(flow),
                       [this, response = std::move(response), session, reply = std::move(reply)](
                           absl::StatusOr<flow::RegistrationFlow::Answer> answer) mutable {
                         if (!answer.ok()) {
                           reply(answer.status());
                           return;
                         }
                         for (const LeaseEpoch epoch : answer->lease_epochs) {
                           response.add_lease_epochs(epoch.value());
                         }
                         if (session) *response.mutable_ttl() = ToProto(answer->ttl);
                         response.set_revision(answer->revision.value());
                         counters_.registrations.fetch_add(1, std::memory_order_relaxed);
                         counters_.instances_registered.fetch_add(answer->lease_epochs.size(),
                                                                  std::memory_order_relaxed);
                         reply(std::move(response));
                       });
  });
}

void RegistryHandler::Deregister(v1::DeregisterRequest request, Call call,
                                 Reply<v1::DeregisterResponse> reply) {
  if (absl::Status status = Validate(request); !status.ok()) {
    reply(std::move(status));
    return;
  }
  if (!ready_) {
    reply(NotReady());
    return;
  }
  std::optional<command::SessionProof> proof;
  if (!request.session_id().empty()) {
    proof = command::SessionProof{SessionId(request.session_id()), request.session_secret()};
  }
  std::vector<InstanceName> names;
  for (const v1::InstanceKey& key : request.instances()) names.push_back(NameOf(key));
  const bool whole = names.empty();
  auto command = std::make_shared<command::Deregister>(
      std::move(proof), std::move(names), whole,
      command::Reason{v1::CAUSE_DEREGISTERED, call.peer, "its owner deregistered it"});
  core_.Post([this, command = std::move(command), whole, id = SessionId(request.session_id()),
              call = std::move(call), reply = std::move(reply)]() mutable {
    auto done = [this, reply = std::move(reply)](absl::StatusOr<Revision> revision) mutable {
      if (!revision.ok()) {
        reply(revision.status());
        return;
      }
      counters_.deregistrations.fetch_add(1, std::memory_order_relaxed);
      v1::DeregisterResponse response;
      response.set_revision(revision->value());
      response.set_store_id(store_id_.value());
      reply(std::move(response));
    };
    if (whole) {
      closer_.Deregister(std::move(command), id, call.deadline, std::move(done));
    } else {
      commands_.Submit(std::move(command), call.deadline, std::move(done),
                       std::move(call.cancelled));
    }
  });
}

}  // namespace rollcall::rpc
