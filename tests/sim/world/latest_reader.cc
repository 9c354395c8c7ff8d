#include "tests/sim/world/latest_reader.h"

#include "server/model/names.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

constexpr absl::Duration kReadPatience = absl::Seconds(5);

}  // namespace

void LatestReader::Begin(absl::Duration every) {
  const bool begun = every_ > absl::ZeroDuration();
  every_ = every;
  if (!begun) Again();
}

void LatestReader::Again() {
  const auto& processes = world_.processes();
  if (!processes.empty()) {
    const Process& process = *processes[random_.Below(processes.size())];
    if (process.registers()) Read(process.service, process.id);
  }
  world_.After(every_, [this] { Again(); });
}

void LatestReader::OnChange(const TruthChange& change) {
  if (every_ == absl::ZeroDuration() || change.purged || waiting_ >= kMostWaiting) return;
  v1::InstanceKey key;
  if (change.instance != nullptr) {
    key.set_service(change.instance->spec().service());
    key.set_id(change.instance->spec().id());
  } else if (change.over != nullptr) {
    key = change.over->key();
  } else {
    return;
  }
  if (random_.Below(2) == 0) return;
  ++waiting_;
  world_.After(Soon(), [this, key] {
    --waiting_;
    Read(key.service(), key.id());
  });
}

// While the one who changed it has yet to hear of it, or just has; or when nodes that lag still do.
absl::Duration LatestReader::Soon() {
  static constexpr absl::Duration kMost[] = {absl::Milliseconds(8), absl::Milliseconds(60),
                                             absl::Seconds(1)};
  return random_.Between(absl::ZeroDuration(), kMost[random_.Below(3)]);
}

SimClusterNode* LatestReader::AnyNode() {
  auto& nodes = world_.nodes();
  SimClusterNode& node = *nodes[random_.Below(nodes.size())];
  return node.up() ? &node : nullptr;
}

void LatestReader::Read(const std::string& service, const std::string& id) {
  SimClusterNode* const node = AnyNode();
  const bool overrides = random_.Below(2) == 0;
  if (node == nullptr) return;
  const rpc::Call call{node->ItsTime(world_.now()) + kReadPatience, "reader", nullptr};
  node->executor().Post([this, node, service, id, overrides, call] {
    v1::GetInstanceRequest get;
    get.mutable_key()->set_namespace_(kDefaultNamespace);
    get.mutable_key()->set_service(service);
    get.mutable_key()->set_id(id);
    get.set_consistency(v1::CONSISTENCY_LATEST);
    node->node().discovery().GetInstance(get, call, world_.Hear<v1::GetInstanceResponse>(get));
    if (!overrides) return;
    v1::ListOverridesRequest list;
    list.set_namespace_(kDefaultNamespace);
    list.set_service(service);
    list.set_consistency(v1::CONSISTENCY_LATEST);
    node->node().operations().ListOverrides(list, call,
                                            world_.Hear<v1::ListOverridesResponse>(list));
  });
}

}  // namespace rollcall::sim
