#include "server/flow/catalog_facts.h"

#include <utility>

#include "server/model/times.h"

namespace rollcall::flow {

std::optional<health::SessionFact> CatalogFacts::Find(const SessionId& id) const {
  const auto session = catalog_.Session(id);
  if (!session.exists()) return std::nullopt;
  health::SessionFact fact;
  fact.secret_hash = session->secret_hash();
  fact.ttl = FromProto(session->ttl());
  fact.state = session->state();
  fact.client_name = session->client_name();
  fact.home = NodeId(session->home());
  if (fact.state == internal::v1::SESSION_STATE_ENDED) fact.ended_cause = session->stamp().cause();
  return fact;
}

std::vector<SessionId> CatalogFacts::SessionsHomedAt(const NodeId& node) const {
  return catalog_.SessionsHomedAt(node);
}

std::vector<health::HeldFact> CatalogFacts::Held(const SessionId& id) const {
  std::vector<health::HeldFact> held;
  for (catalog::Catalog::Holding& holding : catalog_.HoldingsOf(id)) {
    held.push_back({std::move(holding.name), std::move(holding.zone), holding.lease_epoch});
  }
  return held;
}

health::ZoneCounts CatalogFacts::CountZone(const ServiceName& service,
                                           const std::string& zone) const {
  health::ZoneCounts counts;
  const auto snapshot = views_.Find(service);
  if (snapshot == nullptr) return counts;
  for (const auto& live : snapshot->instances) {
    if (live->zone() != zone) continue;
    if (live->session() == nullptr) {
      ++counts.registered;
      continue;
    }
    const internal::v1::SessionState state = catalog_.SessionStateOf(*live->session());
    if (state == internal::v1::SESSION_STATE_ENDED) continue;
    ++counts.registered;
    if (state == internal::v1::SESSION_STATE_SUSPECT) ++counts.suspect;
  }
  return counts;
}

v1::EvictionBrake CatalogFacts::BrakeOf(const ServiceName& service) const {
  const auto spec = catalog_.Service(service);
  if (!spec.exists() || spec->removed()) return {};
  return spec->spec().eviction_brake();
}

}  // namespace rollcall::flow
