#include "server/rpc/served_because.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/model/selector.h"
#include "server/model/standing.h"
#include "server/rpc/resolve_cache.h"

namespace rollcall::rpc {
namespace {

std::string NotServed(v1::Standing standing) {
  switch (standing) {
    case v1::STANDING_STARTING:
      return "it is STARTING: it has not said yet that it is ready";
    case v1::STANDING_DRAINING:
      return "it is DRAINING: callers were asked to leave it";
    case v1::STANDING_OUT_OF_SERVICE:
      return "it is OUT_OF_SERVICE: an operator took it out";
    default:
      return absl::StrCat("it is ", StandingWord(standing),
                          " and enough others are better off, so callers are given those");
  }
}

}  // namespace

ServedVerdict ServedBecause(const catalog::ServiceSnapshot* snapshot, const std::string& id) {
  const auto is_it = [&](const auto& live) { return live->id() == id; };
  if (snapshot == nullptr) return {false, "it is not registered"};
  const auto at = std::find_if(snapshot->instances.begin(), snapshot->instances.end(), is_it);
  if (at == snapshot->instances.end()) return {false, "it is not registered"};
  const auto served = Served(*snapshot, Selector(), /*strict=*/false);
  if (std::none_of(served.begin(), served.end(), is_it)) {
    return {false, NotServed((*at)->standing())};
  }
  if ((*at)->standing() != v1::STANDING_PASSING) {
    return {true, absl::StrCat("it is ", StandingWord((*at)->standing()),
                               ", but too few instances pass to do without it (fail open)")};
  }
  if ((*at)->effective_weight() == 0) {
    return {true, "it is PASSING, but with weight 0 it is picked only when no other can be"};
  }
  return {true, "it is PASSING"};
}

}  // namespace rollcall::rpc
