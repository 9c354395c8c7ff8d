#include "server/committer/key_locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"

namespace rollcall::committer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Owner = KeyLocks::Owner;

class KeyLocksTest : public ::testing::Test {
 protected:
  // "a" to share, "a!" to have alone.
  static std::vector<command::KeyUse> Keys(const std::vector<std::string>& words) {
    std::vector<command::KeyUse> keys;
    for (const std::string& word : words) {
      const bool write = word.back() == '!';
      keys.push_back({write ? word.substr(0, word.size() - 1) : word, write});
    }
    return keys;
  }
  bool Acquire(Owner owner, const std::vector<std::string>& words) {
    return locks_.Acquire(owner, Keys(words));
  }
  std::vector<Owner> Release(Owner owner) {
    locks_.Release(owner);
    return std::exchange(granted_, {});
  }

  std::vector<Owner> granted_;
  KeyLocks locks_{[this](Owner owner) { granted_.push_back(owner); }};
};

TEST_F(KeyLocksTest, ReadersShareAndAWriterWaitsForAll) {
  EXPECT_TRUE(Acquire(1, {"a"}));
  EXPECT_TRUE(Acquire(2, {"a"}));
  EXPECT_FALSE(Acquire(3, {"a!"}));
  EXPECT_THAT(Release(1), IsEmpty());
  EXPECT_THAT(Release(2), ElementsAre(3));
}

TEST_F(KeyLocksTest, AWriterIsAlone) {
  EXPECT_TRUE(Acquire(1, {"a!"}));
  EXPECT_FALSE(Acquire(2, {"a"}));
  EXPECT_FALSE(Acquire(3, {"a!"}));
  EXPECT_TRUE(Acquire(4, {"b!"}));
  EXPECT_THAT(Release(1), ElementsAre(2));
  EXPECT_THAT(Release(2), ElementsAre(3));
}

TEST_F(KeyLocksTest, WaitersAreServedInOrderSoAWriterIsNotStarved) {
  EXPECT_TRUE(Acquire(1, {"a"}));
  EXPECT_FALSE(Acquire(2, {"a!"}));
  EXPECT_FALSE(Acquire(3, {"a"}));
  EXPECT_FALSE(Acquire(4, {"a"}));
  EXPECT_FALSE(Acquire(5, {"a!"}));
  EXPECT_THAT(Release(1), ElementsAre(2));
  EXPECT_THAT(Release(2), ElementsAre(3, 4));
  EXPECT_THAT(Release(3), IsEmpty());
  EXPECT_THAT(Release(4), ElementsAre(5));
}

TEST_F(KeyLocksTest, AKeyNamedTwiceCountsOnceAsWritten) {
  EXPECT_TRUE(Acquire(1, {"a", "a!", "a"}));
  EXPECT_FALSE(Acquire(2, {"a"}));
  EXPECT_THAT(Release(1), ElementsAre(2));
}

TEST_F(KeyLocksTest, GivingUpLetsThoseBehindPass) {
  EXPECT_TRUE(Acquire(1, {"a"}));
  EXPECT_FALSE(Acquire(2, {"a!"}));
  EXPECT_FALSE(Acquire(3, {"a"}));
  EXPECT_THAT(Release(2), ElementsAre(3));
}

TEST_F(KeyLocksTest, CoversKnowsWhatIsEnough) {
  Acquire(1, {"a", "b!"});
  EXPECT_TRUE(locks_.Covers(1, Keys({"a"})));
  EXPECT_TRUE(locks_.Covers(1, Keys({"a", "b"})));
  EXPECT_TRUE(locks_.Covers(1, Keys({"b!"})));
  EXPECT_FALSE(locks_.Covers(1, Keys({"a!"})));
  EXPECT_FALSE(locks_.Covers(1, Keys({"c"})));
  EXPECT_FALSE(locks_.Covers(2, Keys({"a"})));
  EXPECT_TRUE(locks_.Covers(2, {}));
}

// Whatever is asked for in whatever order: nobody holds what excludes another, everybody is served,
// and nothing is left behind.
TEST(KeyLocksPropertyTest, NobodyWaitsInACircle) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    base::SeededRandom random(seed);
    std::set<Owner> holding;
    std::map<Owner, std::map<std::string, bool>> asked;
    KeyLocks locks([&](Owner owner) { holding.insert(owner); });
    size_t served = 0;
    const auto release_one = [&] {
      auto at = holding.begin();
      std::advance(at, random.Below(holding.size()));
      const Owner owner = *at;
      holding.erase(at);
      asked.erase(owner);
      ++served;
      locks.Release(owner);
    };
    constexpr Owner kOwners = 60;
    for (Owner owner = 1; owner <= kOwners; ++owner) {
      std::vector<command::KeyUse> keys;
      for (uint64_t i = 0; i <= random.Below(4); ++i) {
        keys.push_back({absl::StrCat("k", random.Below(6)), random.Below(2) == 0});
        asked[owner][keys.back().key] |= keys.back().write;
      }
      if (locks.Acquire(owner, keys)) holding.insert(owner);
      while (!holding.empty() && random.Below(3) == 0) release_one();
      std::map<std::string, std::pair<int, int>> held;  // readers, writers
      for (const Owner holder : holding) {
        for (const auto& [key, write] : asked[holder])
          ++(write ? held[key].second : held[key].first);
      }
      for (const auto& [key, users] : held) {
        EXPECT_TRUE(users.second == 0 || (users.second == 1 && users.first == 0)) << key;
      }
    }
    while (!holding.empty()) release_one();
    EXPECT_EQ(served, kOwners);
    EXPECT_EQ(locks.size(), 0u);
  }
}

}  // namespace
}  // namespace rollcall::committer
