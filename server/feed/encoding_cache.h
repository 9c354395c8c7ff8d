// EncodingCache: one encoding for all watchers of a service that stand at the same place, want the
// same selection and go to the same snapshot.
//
// Bounded by kMaxCachedEncodings and kMaxCachedEncodingBytes; the least recently used go first, and
// one larger than the whole cache is handed out but not kept. Thread-compatible: each publisher has
// its own.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/catalog/service_snapshot.h"
#include "server/feed/feed_stats.h"
#include "server/feed/watch_stream.h"
#include "server/model/ids.h"
#include "server/model/selector.h"

namespace rollcall::feed {

// The frames of one delta, in order; none if there is nothing to tell.
struct Encoding {
  std::vector<std::shared_ptr<const Frame>> frames;
  size_t bytes = 0;
};

class EncodingCache {
 public:
  EncodingCache(FrameFactory make_frame, StoreId store_id, FeedCounters& counters)
      : make_frame_(std::move(make_frame)), store_id_(std::move(store_id)), counters_(counters) {}

  // See EncodeDelta for what is in it.
  std::shared_ptr<const Encoding> Get(const catalog::ServiceSnapshot& snapshot,
                                      const Selector& selector, Revision since);
  size_t size() const { return recent_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Key {
    ServiceName name;
    std::string selector;
    Revision since;
    Revision snapshot;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& k) {
      return H::combine(std::move(h), k.name, k.selector, k.since, k.snapshot);
    }
  };
  // Most recently used first.
  using Recent = std::list<std::pair<Key, std::shared_ptr<const Encoding>>>;

  std::shared_ptr<const Encoding> Encode(const catalog::ServiceSnapshot& snapshot,
                                         const Selector& selector, Revision since);
  void Trim();

  const FrameFactory make_frame_;
  const StoreId store_id_;
  FeedCounters& counters_;
  Recent recent_;
  absl::flat_hash_map<Key, Recent::iterator> by_key_;
  size_t bytes_ = 0;
};

}  // namespace rollcall::feed
