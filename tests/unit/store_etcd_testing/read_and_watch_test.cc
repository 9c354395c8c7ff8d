// Reads, compaction and watches, as measured against etcd 3.4.23.
#include "tests/unit/store_etcd_testing/etcd_fixture.h"

namespace rollcall::etcd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeEtcdReadTest : public EtcdFixture {};

TEST_F(FakeEtcdReadTest, PagesAtOneRevision) {
  for (const char* key : {"a", "b", "c"}) etcd.Put(key, "1");
  etcd.Put("d", "1");
  pb::RangeRequest request = RangeOf("a", "z", 4);
  request.set_limit(2);
  const auto first = Range(request);
  EXPECT_EQ(first->kvs_size(), 2);
  EXPECT_TRUE(first->more());
  EXPECT_EQ(first->count(), 3);
  EXPECT_EQ(first->header().revision(), 5);
  request.set_key(std::string("b") + '\0');
  const auto second = Range(request);
  EXPECT_EQ(second->kvs_size(), 1);
  EXPECT_FALSE(second->more());
}

TEST_F(FakeEtcdReadTest, CountsAndKeysWithoutValues) {
  etcd.Put("a", "1");
  etcd.Put("b", "1");
  pb::RangeRequest request = RangeOf("a", std::string(1, '\0'));
  request.set_count_only(true);
  EXPECT_EQ(Range(request)->count(), 2);
  EXPECT_EQ(Range(request)->kvs_size(), 0);
  request.set_count_only(false);
  request.set_keys_only(true);
  EXPECT_EQ(Range(request)->kvs(0).value(), "");
  EXPECT_EQ(Range(request)->kvs(0).mod_revision(), 2);
}

TEST_F(FakeEtcdReadTest, OldRevisionsStandUntilCompacted) {
  etcd.Put("a", "1");
  etcd.Put("a", "2");
  etcd.Delete("a");
  EXPECT_EQ(Range(RangeOf("a", "", 2))->kvs(0).value(), "1");
  EXPECT_EQ(Range(RangeOf("a", "", 9)).status(),
            absl::OutOfRangeError("etcdserver: mvcc: required revision is a future revision"));
  ASSERT_TRUE(etcd.Compact(3).ok());
  EXPECT_EQ(Range(RangeOf("a", "", 3))->kvs(0).value(), "2");
  EXPECT_EQ(Range(RangeOf("a", "", 2)).status(),
            absl::OutOfRangeError("etcdserver: mvcc: required revision has been compacted"));
  EXPECT_FALSE(etcd.Compact(3).ok());
  EXPECT_FALSE(etcd.Compact(9).ok());
  ASSERT_TRUE(etcd.Compact(4).ok());
  EXPECT_EQ(etcd.keys().bytes(), 0);
}

class FakeEtcdWatchTest : public EtcdFixture {
 protected:
  static FakeEtcdOptions SmallPieces() {
    FakeEtcdOptions options;
    options.fragment_bytes = 200;
    return options;
  }
  FakeEtcdWatchTest() : EtcdFixture(SmallPieces()) {}

  Heard heard;
};

TEST_F(FakeEtcdWatchTest, TellsEachRevisionFromTheStart) {
  etcd.Put("b", "1");
  etcd.Put("zebra", "elsewhere");
  etcd.Delete("b");
  const auto watch = Watch(heard, 2);
  etcd.Put("b", "3");
  executor.RunReady();
  ASSERT_EQ(heard.responses.size(), 3u);
  EXPECT_TRUE(heard.responses[0].created());
  EXPECT_EQ(heard.responses[1].header().revision(), 4) << "catching up tells the newest revision";
  EXPECT_EQ(heard.responses[2].header().revision(), 5);
  EXPECT_THAT(heard.Events(), ElementsAre("b=1@2", "b-@4", "b=3@5"));
}

TEST_F(FakeEtcdWatchTest, TellsNothingOfBeforeWithoutAStart) {
  etcd.Put("b", "1");
  const auto watch = Watch(heard);
  EXPECT_THAT(heard.Events(), IsEmpty());
  EXPECT_EQ(heard.responses[0].header().revision(), 2);
}

TEST_F(FakeEtcdWatchTest, ACompactedStartIsCanceled) {
  for (const char* value : {"1", "2", "3"}) etcd.Put("b", value);
  ASSERT_TRUE(etcd.Compact(4).ok());
  const auto watch = Watch(heard, 3);
  ASSERT_EQ(heard.responses.size(), 2u);
  EXPECT_TRUE(heard.responses[1].canceled());
  EXPECT_EQ(heard.responses[1].compact_revision(), 4);
  EXPECT_FALSE(heard.end) << "the stream stays";
}

TEST_F(FakeEtcdWatchTest, DeletionsOfExactlyTheCompactedRevisionAreLost) {
  etcd.Put("b", "1");
  etcd.Delete("b");
  etcd.Put("c", "1");
  ASSERT_TRUE(etcd.Compact(3).ok());
  const auto watch = Watch(heard, 3);
  EXPECT_THAT(heard.Events(), ElementsAre("c=1@4"));
}

TEST_F(FakeEtcdWatchTest, LargeResponsesComeInPiecesThatMayPartARevision) {
  ASSERT_TRUE(
      Txn(TxnOf({PutOp("b", std::string(90, 'x')), PutOp("c", std::string(90, 'x')), PutOp("d")}))
          .ok());
  const auto watch = Watch(heard, 2);
  ASSERT_EQ(heard.responses.size(), 3u);
  EXPECT_TRUE(heard.responses[1].fragment());
  EXPECT_FALSE(heard.responses[2].fragment());
  EXPECT_EQ(heard.Events().size(), 3u);
  Heard whole;
  const auto other = Watch(whole, 2, false);
  EXPECT_EQ(whole.responses.size(), 2u);
}

TEST_F(FakeEtcdWatchTest, ManyRevisionsComeAThousandAtATime) {
  for (int i = 0; i < 1500; ++i) etcd.Put("b", "1");
  Heard unsplit;
  const auto watch = Watch(unsplit, 2, false);
  ASSERT_EQ(unsplit.responses.size(), 3u);
  EXPECT_EQ(unsplit.responses[1].events_size(), 1000);
  EXPECT_EQ(unsplit.responses[1].header().revision(), 1501);
}

TEST_F(FakeEtcdWatchTest, AnIdleWatchIsToldOfProgress) {
  const auto watch = Watch(heard);
  etcd.Put("zebra", "elsewhere");
  executor.AdvanceBy(absl::Minutes(10));
  ASSERT_EQ(heard.responses.size(), 2u);
  EXPECT_EQ(heard.responses[1].header().revision(), 2);
  EXPECT_EQ(heard.responses[1].events_size(), 0);
  etcd.Put("b", "1");
  executor.AdvanceBy(absl::Minutes(10));
  EXPECT_EQ(heard.responses.size(), 3u) << "it heard something else";
}

TEST_F(FakeEtcdWatchTest, AWatchLetGoHearsNoMore) {
  auto watch = Watch(heard);
  etcd.Put("b", "1");
  watch.reset();
  executor.RunReady();
  EXPECT_THAT(heard.Events(), IsEmpty());
}

TEST_F(FakeEtcdWatchTest, ALaggingWatchCatchesUp) {
  const auto watch = Watch(heard);
  node.HoldWatches(true);
  etcd.Put("b", "1");
  etcd.Put("b", "2");
  executor.RunReady();
  EXPECT_THAT(heard.Events(), IsEmpty());
  node.HoldWatches(false);
  executor.RunReady();
  EXPECT_THAT(heard.Events(), ElementsAre("b=1@2", "b=2@3"));
}

TEST_F(FakeEtcdWatchTest, MessagesOfAWatchKeepTheirOrderUnderDelay) {
  Chances slow;
  slow.delay_most = absl::Seconds(1);
  node.SetChances(slow);
  const auto watch = Watch(heard);
  for (int i = 0; i < 20; ++i) {
    etcd.Put("b", "1");
    executor.AdvanceBy(absl::Milliseconds(300));
  }
  executor.AdvanceBy(absl::Seconds(2));
  int64_t last = 0;
  for (const pb::WatchResponse& response : heard.responses) {
    EXPECT_GE(response.header().revision(), last);
    last = response.header().revision();
  }
  EXPECT_EQ(last, 21);
}

}  // namespace
}  // namespace rollcall::etcd
