// Makes a service's next snapshot from the last one and what has changed since. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/catalog/service_snapshot.h"

namespace rollcall::catalog {

// What became of one instance.
struct ViewChange {
  std::string id;
  SharedView view;  // null: it was purged
};

// `changes` are in the order in which they happened, the last of them at `revision`. `last` may be
// null: there was nothing.
std::shared_ptr<const ServiceSnapshot> FoldChanges(const ServiceName& name,
                                                   const ServiceSnapshot* last,
                                                   std::vector<ViewChange> changes,
                                                   Revision revision);

}  // namespace rollcall::catalog
