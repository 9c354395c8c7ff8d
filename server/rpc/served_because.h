// Why callers are, or are not, given an instance now; in words, for `explain`. Pure.
#pragma once

#include <string>

#include "server/catalog/service_snapshot.h"
#include "server/model/ids.h"

namespace rollcall::rpc {

struct ServedVerdict {
  bool served = false;
  std::string because;
};

// `snapshot` may be null.
ServedVerdict ServedBecause(const catalog::ServiceSnapshot* snapshot, const std::string& id);

}  // namespace rollcall::rpc
