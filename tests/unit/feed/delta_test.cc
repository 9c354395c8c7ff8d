#include "server/feed/delta.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/v1/discovery.pb.h"
#include "server/catalog/instance_encoder.h"
#include "server/model/limits.h"
#include "tests/unit/feed/fake_service.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const StoreId kStore("store");

class DeltaTest : public ::testing::Test {
 protected:
  std::vector<v1::WatchResponse> Delta(uint64_t since, const std::string& selector = "") {
    std::vector<v1::WatchResponse> messages;
    for (const std::string& body :
         EncodeDelta(*service_.Snapshot(Revision(100)), *Selector::Parse(selector), Revision(since),
                     kStore)) {
      EXPECT_TRUE(messages.emplace_back().ParseFromString(body));
    }
    return messages;
  }
  Revision Effective(uint64_t since) {
    return EffectiveCursor(*service_.Snapshot(Revision(100)), Revision(since));
  }
  static std::vector<std::string> Updated(const v1::WatchResponse& message) {
    std::vector<std::string> ids;
    for (const auto& instance : message.updated()) ids.push_back(instance.spec().id());
    return ids;
  }

  FakeService service_{{"default", "user"}};
};

TEST_F(DeltaTest, FreshSnapshotHasTheLiveInstancesThatMatch) {
  service_.Put("a", Revision(5), {.zone = "z1"});
  service_.Put("b", Revision(6), {.zone = "z2"});
  service_.Remove("c", Revision(7));
  const auto all = Delta(0);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].namespace_(), "default");
  EXPECT_EQ(all[0].service(), "user");
  EXPECT_EQ(all[0].store_id(), "store");
  EXPECT_TRUE(all[0].snapshot());
  EXPECT_THAT(Updated(all[0]), ElementsAre("a", "b"));
  EXPECT_THAT(all[0].removed(), IsEmpty());
  EXPECT_THAT(Updated(Delta(0, "zone=z2").at(0)), ElementsAre("b"));
  EXPECT_THAT(Delta(0, "zone=z9"), IsEmpty());
}

TEST_F(DeltaTest, DeltaHasWhatChangedOldestFirst) {
  service_.Put("a", Revision(5));
  service_.Put("c", Revision(9));
  service_.Put("d", Revision(7));
  service_.Put("b", Revision(7));
  service_.Remove("e", Revision(8), v1::CAUSE_EXPIRED);
  const auto delta = Delta(5);
  ASSERT_THAT(delta, SizeIs(1));
  EXPECT_FALSE(delta[0].snapshot());
  EXPECT_THAT(Updated(delta[0]), ElementsAre("b", "d", "c"));
  ASSERT_THAT(delta[0].removed(), SizeIs(1));
  EXPECT_EQ(delta[0].removed(0).key().id(), "e");
  EXPECT_EQ(delta[0].removed(0).key().service(), "user");
  EXPECT_EQ(delta[0].removed(0).cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(delta[0].removed(0).revision(), 8u);
  EXPECT_EQ(delta[0].removed(0).evidence(), "seen");
  EXPECT_EQ(delta[0].removed(0).time().seconds(), 7);
  EXPECT_THAT(Delta(9), IsEmpty());
}

TEST_F(DeltaTest, ChangedButNotSelectedIsToldAsRemovedWithItsCause) {
  service_.Put("a", Revision(5), {.zone = "z2", .cause = v1::CAUSE_UPDATED});
  const auto delta = Delta(4, "zone=z1");
  ASSERT_THAT(delta, SizeIs(1));
  EXPECT_THAT(delta[0].updated(), IsEmpty());
  ASSERT_THAT(delta[0].removed(), SizeIs(1));
  EXPECT_EQ(delta[0].removed(0).cause(), v1::CAUSE_UPDATED);
  EXPECT_EQ(delta[0].removed(0).actor(), "somebody");
}

TEST_F(DeltaTest, InstanceBytesAreJoinedUnchanged) {
  service_.Put("a", Revision(5), {.padding = "p"});
  EXPECT_EQ(Delta(0).at(0).updated(0).SerializeAsString(),
            catalog::InstanceEncoder().Encode(*service_.Snapshot(Revision(5))->instances[0]));
}

TEST_F(DeltaTest, LargeDeltasAreSplitBelowTheLimit) {
  for (int i = 0; i < 300; ++i) {
    service_.Put("i" + std::to_string(1000 + i), Revision(5), {.padding = std::string(16000, 'x')});
  }
  size_t told = 0;
  const auto messages = Delta(0);
  EXPECT_THAT(messages, SizeIs(5));
  for (const auto& message : messages) {
    EXPECT_LE(message.ByteSizeLong(), kMaxWatchBodyBytes);
    EXPECT_TRUE(message.snapshot());
    EXPECT_EQ(message.service(), "user");
    told += message.updated_size();
  }
  EXPECT_EQ(told, 300u);
}

TEST_F(DeltaTest, CursorsWithTheSameDeltaAreOne) {
  service_.Put("a", Revision(5));
  service_.Put("b", Revision(9));
  EXPECT_EQ(Effective(0), Revision(0));
  EXPECT_EQ(Effective(3), Revision(1));
  EXPECT_EQ(Effective(5), Revision(5));
  EXPECT_EQ(Effective(8), Revision(5));
  EXPECT_EQ(Effective(60), Revision(9));
}

TEST(HeaderTest, HeaderAndBodyMakeOneMessage) {
  const Header header{7, Revision(42), true, absl::Milliseconds(1500)};
  v1::WatchResponse message;
  ASSERT_TRUE(message.ParseFromString(EncodeHeader(header) +
                                      EncodeScope({"default", "user"}, kStore, true)));
  EXPECT_EQ(message.id(), 7u);
  EXPECT_EQ(message.revision(), 42u);
  EXPECT_TRUE(message.caught_up());
  EXPECT_EQ(message.age().seconds(), 1);
  EXPECT_EQ(message.age().nanos(), 500000000);
  EXPECT_EQ(message.service(), "user");
  EXPECT_TRUE(message.snapshot());
}

TEST(HeaderTest, ErrorNamesItsSubscription) {
  v1::WatchResponse message;
  ASSERT_TRUE(message.ParseFromString(EncodeError(3, absl::UnavailableError("later"))));
  EXPECT_EQ(message.id(), 3u);
  EXPECT_EQ(message.error().code(), 14);
  EXPECT_EQ(message.error().message(), "later");
}

}  // namespace
}  // namespace rollcall::feed
