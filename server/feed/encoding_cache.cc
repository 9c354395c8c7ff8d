#include "server/feed/encoding_cache.h"

#include <utility>

#include "server/feed/delta.h"
#include "server/model/limits.h"

namespace rollcall::feed {

std::shared_ptr<const Encoding> EncodingCache::Get(const catalog::ServiceSnapshot& snapshot,
                                                   const Selector& selector, Revision since) {
  since = EffectiveCursor(snapshot, since);
  Key key{snapshot.name, selector.canonical(), since, snapshot.revision};
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    counters_.frames_shared += recent_.front().second->frames.size();
    return recent_.front().second;
  }
  std::shared_ptr<const Encoding> made = Encode(snapshot, selector, since);
  bytes_ += made->bytes;
  recent_.emplace_front(key, made);
  by_key_.emplace(std::move(key), recent_.begin());
  Trim();
  return made;
}

std::shared_ptr<const Encoding> EncodingCache::Encode(const catalog::ServiceSnapshot& snapshot,
                                                      const Selector& selector, Revision since) {
  auto encoding = std::make_shared<Encoding>();
  for (std::string& body : EncodeDelta(snapshot, selector, since, store_id_)) {
    encoding->bytes += body.size();
    encoding->frames.push_back(make_frame_(std::move(body)));
  }
  counters_.frames_encoded += encoding->frames.size();
  return encoding;
}

void EncodingCache::Trim() {
  while (!recent_.empty() &&
         (recent_.size() > kMaxCachedEncodings || bytes_ > kMaxCachedEncodingBytes)) {
    bytes_ -= recent_.back().second->bytes;
    by_key_.erase(recent_.back().first);
    recent_.pop_back();
  }
}

}  // namespace rollcall::feed
