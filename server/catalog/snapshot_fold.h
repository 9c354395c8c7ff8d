// Makes a service's next snapshot from the last one and what has changed since. Pure.
#pragma once

#include <memory>
#include <vector>

#include "server/catalog/service_snapshot.h"

namespace rollcall::catalog {

// `changes` are what has become of instances, in the order in which it happened, the last of it at
// `revision`. `last` may be null: there was nothing.
std::shared_ptr<const ServiceSnapshot> FoldChanges(const ServiceName& name,
                                                   const ServiceSnapshot* last,
                                                   std::vector<SharedView> changes,
                                                   Revision revision);

}  // namespace rollcall::catalog
