// CatalogFacts: what the session table asks of the catalog (health::SessionFacts over it).
//
// Lives on the core executor.
#pragma once

#include "server/catalog/catalog.h"
#include "server/catalog/view_table.h"
#include "server/health/session_facts.h"

namespace rollcall::flow {

class CatalogFacts final : public health::SessionFacts {
 public:
  CatalogFacts(const catalog::Catalog& catalog, const catalog::ViewTable& views)
      : catalog_(catalog), views_(views) {}

  const StoreId& store_id() const override { return views_.store_id(); }
  Revision applied() const override { return catalog_.applied(); }
  std::optional<health::SessionFact> Find(const SessionId& id) const override;
  std::vector<SessionId> Sessions() const override { return catalog_.OpenSessions(); }
  std::vector<SessionId> SessionsHomedAt(const NodeId& node) const override;
  bool NodePresent(const NodeId& node) const override { return catalog_.NodePresent(node); }
  std::vector<health::HeldFact> Held(const SessionId& id) const override;
  health::ZoneCounts CountZone(const ServiceName& service, const std::string& zone) const override;
  v1::EvictionBrake BrakeOf(const ServiceName& service) const override;

 private:
  const catalog::Catalog& catalog_;
  const catalog::ViewTable& views_;
};

}  // namespace rollcall::flow
