// The SDK's disk cache: blobs as they come, views behind a right checksum, and blobs of which a bit
// is turned.
#include <algorithm>
#include <string>

#include "client-sdk/base/crc32c.h"
#include "client-sdk/src/view_cache.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using sdk::ViewCache;

bool Same(const ViewCache::Views& a, const ViewCache::Views& b) {
  const auto same_instance = [](const InstancePtr& x, const InstancePtr& y) { return *x == *y; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.first == y.first && x.second.revision == y.second.revision &&
           x.second.store_id == y.second.store_id &&
           x.second.confirmed_at == y.second.confirmed_at &&
           std::equal(x.second.instances.begin(), x.second.instances.end(),
                      y.second.instances.begin(), y.second.instances.end(), same_instance);
  });
}

void CheckTurnedBit(std::string blob, size_t place, unsigned bit) {
  blob[place % blob.size()] = static_cast<char>(blob[place % blob.size()] ^ (1 << bit));
  Expect(!ViewCache::Decode(blob).ok(), "a turned bit is seen");
}

}  // namespace

FUZZ_TARGET(cache) {
  Bytes bytes(input);
  const bool sealed = bytes.Bit();
  const size_t place = bytes.Number(2);
  const unsigned bit = bytes.Byte() % 8;
  std::string blob = bytes.Rest();
  if (sealed) {
    const uint32_t crc = base::Crc32c(blob);
    std::string front = "rollcall-views 1\n";
    for (int shift = 24; shift >= 0; shift -= 8) front.push_back(static_cast<char>(crc >> shift));
    blob.insert(0, front);
  }
  const auto views = ViewCache::Decode(blob);
  if (!views.ok()) return ExpectRefusal(views.status(), absl::StatusCode::kDataLoss);
  for (const auto& [key, view] : *views) {
    for (const InstancePtr& instance : view.instances) {
      Expect(instance != nullptr, "a view holds instances");
      Expect(instance->standing <= Standing::kOutOfService, "of a standing that the SDK knows");
    }
  }
  const std::string written = ViewCache::Encode(*views);
  const auto again = ViewCache::Decode(written);
  Expect(again.ok(), "what was written is read");
  Expect(Same(*views, *again), "and is the same");
  Expect(ViewCache::Encode(*again).size() == written.size(), "also when written again");
  CheckTurnedBit(written, place, bit);
}

}  // namespace rollcall::fuzz
