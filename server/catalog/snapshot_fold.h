// Makes a service's next snapshot from the last one and what has changed since. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/catalog/service_snapshot.h"

namespace rollcall::catalog {

// What became of one instance: registered, or removed, or neither: purged.
struct ViewChange {
  std::string id;
  ServiceSnapshot::Live live;
  ServiceSnapshot::Gone gone;
};

// `changes` are in the order in which they happened, the last of them at `revision`. `last` may be
// null: there was nothing.
std::shared_ptr<const ServiceSnapshot> FoldChanges(const ServiceName& name,
                                                   const ServiceSnapshot* last,
                                                   std::vector<ViewChange> changes,
                                                   Revision revision);

}  // namespace rollcall::catalog
