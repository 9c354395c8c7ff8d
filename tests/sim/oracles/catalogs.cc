// What a node holds in memory is what the store holds, record by record, and what it serves is what
// follows from that: each 1000 steps everything that one node holds is compared, of all in turn,
// and at the end that of each; of nodes that have heard of the newest revision. (That none lags at
// the end is for `agreement` to say.)
//
// `replicas` compares hashes of what a node was told at every revision; this looks at what became
// of it.
#include "tests/sim/oracles/all.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/catalog/instance_encoder.h"
#include "server/model/keys.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

using catalog::Catalog;
using internal::v1::InstanceRecord;
using internal::v1::SESSION_STATE_ENDED;

InstanceName NameOf(const std::string& name) {
  const size_t slash = name.find('/');
  return {{kDefaultNamespace, name.substr(0, slash)}, name.substr(slash + 1)};
}

class Catalogs final : public Oracle {
 public:
  explicit Catalogs(Findings& findings) : Oracle("catalogs", findings) {}

  void OnLook(const World& world) override {
    LookAt(world, *world.nodes()[looks_++ % world.nodes().size()]);
  }
  void AtEnd(const World& world) override {
    for (const auto& node : world.nodes()) LookAt(world, *node);
  }

 private:
  void LookAt(const World& world, SimClusterNode& node) {
    if (node.up() && IsComparable(world, node)) Compare(world.truth(), node);
  }
  // One that lags, or was made to miss something, is for others to judge; and what cannot be read
  // stands for each node as the last that it could read.
  static bool IsComparable(const World& world, SimClusterNode& node) {
    const Truth& truth = world.truth();
    return node.node().catalog().applied().value() == static_cast<uint64_t>(truth.revision()) &&
           truth.unreadable().empty() &&
           node.node().replica().hash() == truth.RecordsAt(truth.revision());
  }

  void Compare(const Truth& truth, SimClusterNode& node) {
    const Catalog& catalog = node.node().catalog();
    for (const auto& [id, stood] : truth.sessions()) {
      CompareRecord(node, id, catalog.Session(SessionId(id)), stood);
    }
    for (const auto& [name, stood] : truth.instances()) {
      CompareRecord(node, name, catalog.Instance(NameOf(name)), Unstamped(stood));
    }
    for (const auto& [name, stood] : truth.overrides()) {
      CompareRecord(node, name, catalog.Override(NameOf(name)), stood);
    }
    CompareCounts(truth, node);
    std::set<std::string> services;
    for (const auto& [name, stood] : truth.instances()) {
      services.insert(name.substr(0, name.find('/')));
    }
    for (const std::string& service : services) CompareService(truth, node, service);
  }
  // Who wrote it, and why, is told by what is served.
  static Stood<InstanceRecord> Unstamped(Stood<InstanceRecord> stood) {
    stood.record.clear_stamp();
    if (stood.record.create_revision() == 0) {
      stood.record.set_create_revision(static_cast<uint64_t>(stood.revision));
    }
    return stood;
  }
  template <typename Record>
  void CompareRecord(const SimClusterNode& node, const std::string& name,
                     const Versioned<Record>& held, const Stood<Record>& stood) {
    if (held.exists() && held.revision.value() == static_cast<uint64_t>(stood.revision) &&
        held->SerializeAsString() == stood.record.SerializeAsString()) {
      return;
    }
    Wrong(absl::StrCat(node.id(), " holds of ", name, " ",
                       held.exists() ? held->ShortDebugString() : "nothing", " at ",
                       held.revision.value(), "; the store ", stood.record.ShortDebugString(),
                       " at ", stood.revision));
  }
  // Nothing else is there, and sums are right.
  void CompareCounts(const Truth& truth, SimClusterNode& node) {
    const Catalog& catalog = node.node().catalog();
    size_t records = 0;
    catalog.ForEachKey([&](const std::string& key, Revision) {
      records += key[0] == 's' || key[0] == 'i' || key[0] == 'o';
    });
    size_t open = 0;
    size_t live = 0;
    for (const auto& [id, stood] : truth.sessions()) {
      open += stood.record.state() != SESSION_STATE_ENDED;
    }
    for (const auto& [name, stood] : truth.instances()) live += !stood.record.removed();
    const size_t all =
        truth.sessions().size() + truth.instances().size() + truth.overrides().size();
    if (records == all && catalog.session_count() == open && catalog.instance_count() == live) {
      return;
    }
    Wrong(absl::StrCat(node.id(), " holds ", records, " records, ", catalog.session_count(),
                       " open sessions and ", catalog.instance_count(), " instances; the store ",
                       all, ", ", open, " and ", live));
  }
  void CompareService(const Truth& truth, SimClusterNode& node, const std::string& service) {
    const auto snapshot = node.node().views().Find({kDefaultNamespace, service});
    uint64_t sum = 0;
    std::string shown;
    for (const auto& live : snapshot == nullptr ? kNobody : snapshot->instances) {
      auto& [known, hash] = served_[{node.id(), service, std::string(live->id())}];
      // A view is immutable.
      if (known != live) hash = Served(node, *live);
      known = live;
      sum += hash;
      absl::StrAppend(&shown, " ", live->id(), ":", v1::Standing_Name(live->standing()));
    }
    if (sum == truth.ViewAt(service, truth.revision())) return;
    Wrong(absl::StrCat(node.id(), " serves of ", service, " at revision ", truth.revision(),
                       " what does not follow from its records:", shown));
  }
  // The hash of what is served of an instance; its fields and its bytes say the same.
  uint64_t Served(const SimClusterNode& node, const catalog::InstanceView& view) {
    v1::Instance instance;
    if (!instance.ParseFromString(encoder_.Encode(view))) {
      Wrong(absl::StrCat(node.id(), " serves bytes for ", view.id()));
    }
    const Seen seen = SeenIn(instance);
    const Seen beside{std::string(view.id()),     view.revision().value(), view.standing(),
                      view.lease_epoch().value(), view.effective_weight(), seen.content};
    if (seen.Hash() != beside.Hash() || view.zone() != instance.spec().locality().zone()) {
      Wrong(absl::StrCat(node.id(), " serves ", instance.ShortDebugString(), " as ", view.id(),
                         " of revision ", view.revision().value()));
    }
    return seen.Hash();
  }

  static inline const std::vector<catalog::SharedView> kNobody;
  // By node, service and id: what was served last, and the hash of that.
  std::map<std::tuple<std::string, std::string, std::string>,
           std::pair<catalog::SharedView, uint64_t>>
      served_;
  catalog::InstanceEncoder encoder_;
  size_t looks_ = 0;
};

}  // namespace

std::unique_ptr<Oracle> MakeCatalogs(Findings& findings) {
  return std::make_unique<Catalogs>(findings);
}

}  // namespace rollcall::sim
