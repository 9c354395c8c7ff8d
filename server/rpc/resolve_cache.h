// ResolveCache: the encoded instances of a resolve answer, made once for each revision of a service
// and shared by all who ask alike.
//
// Bounded: at kMaxEntries per stripe the stripe is emptied. Thread-safe; held for the look-up only,
// encoding happens outside.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "client-sdk/base/mutex.h"
#include "server/catalog/service_snapshot.h"
#include "server/feed/watch_stream.h"
#include "server/model/selector.h"

namespace rollcall::rpc {

class ResolveCache {
 public:
  explicit ResolveCache(feed::FrameFactory make_frame) : make_frame_(std::move(make_frame)) {}

  // Field 1 of ResolveResponse for every instance that callers should use.
  std::shared_ptr<const feed::Frame> Instances(const catalog::ServiceSnapshot& snapshot,
                                               const Selector& selector, bool strict);

 private:
  static constexpr size_t kStripes = 16;
  static constexpr size_t kMaxEntries = 1024;
  struct Entry {
    Revision revision;
    std::shared_ptr<const feed::Frame> frame;
  };
  struct Stripe {
    base::Mutex mu;
    absl::flat_hash_map<std::string, Entry> entries ABSL_GUARDED_BY(mu);
  };

  const feed::FrameFactory make_frame_;
  std::array<Stripe, kStripes> stripes_;
};

// The instances among `snapshot`'s that match and that callers should use, by the serving rule over
// the matching ones. Pure.
std::vector<catalog::SharedView> Served(const catalog::ServiceSnapshot& snapshot,
                                        const Selector& selector, bool strict);

}  // namespace rollcall::rpc
