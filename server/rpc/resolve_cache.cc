#include "server/rpc/resolve_cache.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/serving.h"
#include "server/catalog/instance_encoder.h"

namespace rollcall::rpc {
namespace {

using catalog::SharedView;

bool IsServed(v1::Standing standing, base::ServeDownTo level) {
  switch (standing) {
    case v1::STANDING_PASSING:
      return true;
    case v1::STANDING_SUSPECT:
      return level != base::ServeDownTo::kPassing;
    case v1::STANDING_CRITICAL:
      return level == base::ServeDownTo::kCritical;
    default:
      return false;
  }
}

std::string Encode(const std::vector<SharedView>& instances) {
  constexpr uint32_t kField1LengthDelimited = (1 << 3) | 2;
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  catalog::InstanceEncoder encoder;
  for (const SharedView& live : instances) {
    const std::string& encoded = encoder.Encode(*live);
    out.WriteTag(kField1LengthDelimited);
    out.WriteVarint32(static_cast<uint32_t>(encoded.size()));
    out.WriteString(encoded);
  }
  out.Trim();
  return bytes;
}

}  // namespace

std::vector<SharedView> Served(const catalog::ServiceSnapshot& snapshot, const Selector& selector,
                               bool strict) {
  std::vector<SharedView> matching;
  for (const SharedView& live : snapshot.instances) {
    if (selector.matches_all() || selector.Matches(live->Spec())) matching.push_back(live);
  }
  const auto count = [&](v1::Standing standing) {
    return static_cast<uint32_t>(
        std::count_if(matching.begin(), matching.end(),
                      [&](const SharedView& live) { return live->standing() == standing; }));
  };
  const base::ServeDownTo level =
      base::ServingLevel(count(v1::STANDING_PASSING), count(v1::STANDING_SUSPECT),
                         count(v1::STANDING_CRITICAL), strict);
  std::erase_if(matching,
                [&](const SharedView& live) { return !IsServed(live->standing(), level); });
  return matching;
}

std::shared_ptr<const feed::Frame> ResolveCache::Instances(const catalog::ServiceSnapshot& snapshot,
                                                           const Selector& selector, bool strict) {
  const std::string key = absl::StrCat(snapshot.name.ns, "/", snapshot.name.service, "/",
                                       strict ? "!" : "", selector.canonical());
  Stripe& stripe = stripes_[absl::HashOf(key) % kStripes];
  {
    base::MutexLock lock(stripe.mu);
    const auto at = stripe.entries.find(key);
    if (at != stripe.entries.end() && at->second.revision == snapshot.revision) {
      return at->second.frame;
    }
  }
  std::string bytes = Encode(Served(snapshot, selector, strict));
  std::shared_ptr<const feed::Frame> frame =
      bytes.empty() ? nullptr : make_frame_(std::move(bytes));
  base::MutexLock lock(stripe.mu);
  if (stripe.entries.size() >= kMaxEntries) stripe.entries.clear();
  Entry& entry = stripe.entries[key];
  if (entry.revision <= snapshot.revision) entry = {snapshot.revision, frame};
  return frame;
}

}  // namespace rollcall::rpc
