// What a watch message says, as bytes: two parts of one serialised rollcall.v1.WatchResponse, whose
// fields may stand in any order.
//
// The body (namespace, service, store_id, snapshot, updated, removed) depends on the service, the
// selector and where the watcher stands, so one body serves every watcher that stands there. The
// header (id, revision, caught_up, age) is a few bytes of each watcher's own. The spec of an
// instance is joined as the bytes that its owner sent.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/catalog/service_snapshot.h"
#include "server/model/ids.h"
#include "server/model/selector.h"

namespace rollcall::feed {

struct Header {
  uint32_t id = 0;
  // What the client's view reflects once `caught_up` comes.
  Revision revision;
  bool caught_up = false;
  // Since this node last confirmed its store.
  absl::Duration age;
};
std::string EncodeHeader(const Header& header);

// What the body of a message says it is about: the part that remains when nothing changed.
std::string EncodeScope(const ServiceName& name, const StoreId& store_id, bool snapshot);

// Bodies that bring a watcher from `since` to `snapshot`; 0 asks for a fresh snapshot: the live
// instances that match. Otherwise everything changed above `since`, oldest first; what does not
// match is told as removed, even if the watcher never had it. Each body is at most
// kMaxWatchBodyBytes, or holds a single entry. Empty if there is nothing to tell.
std::vector<std::string> EncodeDelta(const catalog::ServiceSnapshot& snapshot,
                                     const Selector& selector, Revision since,
                                     const StoreId& store_id);

// The smallest cursor with the same delta as `since`, so that watchers who differ only in having
// heard of other services share one encoding. 0 stays 0 and no other cursor becomes 0.
Revision EffectiveCursor(const catalog::ServiceSnapshot& snapshot, Revision since);

// The nodes that clients may use, as a third part.
std::string EncodeServers(const std::vector<std::string>& servers);

// A whole message that ends one subscription.
std::string EncodeError(uint32_t id, const absl::Status& status);

}  // namespace rollcall::feed
