// What operators do in a World.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/model/times.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

constexpr absl::Duration kOperatorPatience = absl::Seconds(5);
// An order whose giver has given up may be carried out for as long as the store holds it up.
constexpr absl::Duration kLateOrders = absl::Seconds(60);

// Of whom, and by whom.
template <typename Request>
Request Ordered(const OperatorCommand& command) {
  Request request;
  v1::InstanceKey& key = *request.mutable_key();
  key.set_namespace_(kDefaultNamespace);
  key.set_service(command.service);
  key.set_id(command.id);
  request.set_actor(command.actor);
  return request;
}

// `heard` is told of any answer, `done` of the revision of a good one.
template <typename Heard, typename Done>
auto Answered(Heard heard, Done done) {
  return [heard = std::move(heard), done = std::move(done)](auto answer) mutable {
    heard(answer);
    if (answer.ok()) done(answer->revision());
  };
}

}  // namespace

void World::Operate(SimClusterNode& node, OperatorCommand command) {
  if (!node.up()) return;
  command.actor = absl::StrCat("operator-", commands_.size());
  if (command.removes) NoteRemoval(absl::StrCat(command.service, "/", command.id));
  commands_.push_back(command);
  const rpc::Call call{node.ItsTime(queue_.now()) + kOperatorPatience, command.actor, nullptr};
  auto done = [this, command](uint64_t revision) mutable {
    command.revision = revision;
    truth_.ReadOn();
    Tell([&](Oracle& oracle) { oracle.OnOperatorDone(*this, command); });
  };
  node.executor().Post([this, &node, command, call, done]() {
    rpc::OperationsHandler& operations = node.node().operations();
    if (command.removes) {
      const auto request = Ordered<v1::RemoveInstanceRequest>(command);
      operations.RemoveInstance(request, call,
                                Answered(Hear<v1::RemoveInstanceResponse>(request), done));
    } else if (command.clears) {
      const auto request = Ordered<v1::ClearOverrideRequest>(command);
      operations.ClearOverride(request, call,
                               Answered(Hear<v1::ClearOverrideResponse>(request), done));
    } else {
      auto request = Ordered<v1::SetOverrideRequest>(command);
      request.set_mode(command.mode);
      if (command.weight) request.set_weight(*command.weight);
      if (command.lasts) *request.mutable_duration() = ToProto(*command.lasts);
      operations.SetOverride(request, call, Answered(Hear<v1::SetOverrideResponse>(request), done));
    }
  });
}

void World::NoteRemoval(const std::string& name) {
  removals_[name] = queue_.now() + kLateOrders;
  for (const auto& process : processes_) {
    if (absl::StrCat(process->service, "/", process->id) == name) process->removed = true;
  }
}

void World::ReleaseBrakes(const std::string& service) {
  brakes_released_ = queue_.now();
  for (const auto& node : nodes_) {
    if (!node->up()) continue;
    node->executor().Post([&node = *node, service, now = node->ItsTime(queue_.now())] {
      v1::ReleaseBrakeRequest request;
      request.mutable_key()->set_namespace_(kDefaultNamespace);
      request.mutable_key()->set_service(service);
      request.set_this_node_only(true);
      node.node().operations().ReleaseBrake(request, {now + kOperatorPatience, "operator", nullptr},
                                            [](const absl::StatusOr<v1::ReleaseBrakeResponse>&) {});
    });
  }
}

}  // namespace rollcall::sim
