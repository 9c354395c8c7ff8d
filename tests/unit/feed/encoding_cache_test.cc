#include "server/feed/encoding_cache.h"

#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "tests/unit/feed/fake_service.h"
#include "tests/unit/feed/fake_watch.h"

namespace rollcall::feed {
namespace {

class EncodingCacheTest : public ::testing::Test {
 protected:
  FakeService service_{{"default", "user"}};
  FeedCounters counters_;
  EncodingCache cache_{
      [](std::string bytes) { return std::make_shared<StringFrame>(std::move(bytes)); },
      StoreId("store"), counters_};
};

TEST_F(EncodingCacheTest, SameWayIsEncodedOnce) {
  service_.Put("a", Revision(5));
  service_.Put("b", Revision(9));
  const auto snapshot = service_.Snapshot(Revision(9));
  const auto first = cache_.Get(*snapshot, Selector(), Revision(5));
  EXPECT_EQ(cache_.Get(*snapshot, Selector(), Revision(8)), first);
  EXPECT_NE(cache_.Get(*snapshot, Selector(), Revision(0)), first);
  EXPECT_NE(cache_.Get(*snapshot, *Selector::Parse("zone=z1"), Revision(5)), first);
  EXPECT_NE(cache_.Get(*service_.Snapshot(Revision(12)), Selector(), Revision(5)), first);
  EXPECT_EQ(counters_.Read().frames_shared, 1u);
  EXPECT_EQ(counters_.Read().frames_encoded, 4u);
}

TEST_F(EncodingCacheTest, HoldsNoMoreThanItsLimits) {
  service_.Put("a", Revision(5));
  for (uint64_t r = 5; r < 5 + kMaxCachedEncodings * 2; ++r) {
    cache_.Get(*service_.Snapshot(Revision(r)), Selector(), Revision(0));
  }
  EXPECT_EQ(cache_.size(), kMaxCachedEncodings);
  service_.Put("b", Revision(6), {.padding = std::string(1 << 20, 'x')});
  for (uint64_t r = 20000; r < 20100; ++r) {
    cache_.Get(*service_.Snapshot(Revision(r)), Selector(), Revision(0));
  }
  EXPECT_LE(cache_.bytes(), kMaxCachedEncodingBytes);
  EXPECT_GT(cache_.size(), 20u);
}

}  // namespace
}  // namespace rollcall::feed
