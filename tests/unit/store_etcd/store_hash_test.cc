#include "server/store/etcd/store_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::etcd {
namespace {

using store::RecordHash;
using store::RecordsHash;

class StoreHashTest : public ::testing::Test {
 protected:
  absl::StatusOr<RecordsHash> Read(int64_t revision) {
    std::optional<absl::StatusOr<RecordsHash>> answer;
    hash_.Read(Revision(static_cast<uint64_t>(revision)),
               [&](absl::StatusOr<RecordsHash> read) { answer = std::move(read); });
    executor_.AdvanceBy(absl::Minutes(1));
    return answer ? *answer : absl::UnknownError("no answer");
  }
  int64_t Put(const std::string& key, const std::string& value) {
    return etcd_.Put("/rollcall/" + key, value);
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{7};
  FakeEtcd etcd_{executor_, clock_, random_};
  FakeEtcdClient client_{etcd_, executor_, clock_};
  StoreHash hash_{client_, KeyPrefix("/rollcall/"), {.page = 2}};
};

TEST_F(StoreHashTest, IsThatOfTheRecordsAloneHoweverManyPagesTheyTake) {
  RecordsHash expected;
  int64_t revision = 0;
  for (const char* key : {"i/a/b/1", "i/a/b/2", "i/a/b/3", "m/horizon", "s/1", "v/a/b"}) {
    revision = Put(key, absl::StrCat("value of ", key));
    expected.hash +=
        RecordHash(key, Revision(static_cast<uint64_t>(revision)), absl::StrCat("value of ", key));
    ++expected.records;
  }
  for (const char* key : {"n/n1", "e/sweeper", "c/audit", "c/store"}) Put(key, "no record");
  etcd_.Put("/rollcall2/i/a/b/9", "of another store");
  const auto read = Read(etcd_.revision());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, expected);
}

TEST_F(StoreHashTest, IsAsOfTheRevisionAskedFor) {
  const int64_t first = Put("s/1", "a");
  Put("s/1", "b");
  Put("s/2", "c");
  const auto read = Read(first);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read,
            (RecordsHash{RecordHash("s/1", Revision(static_cast<uint64_t>(first)), "a"), 1}));
}

TEST_F(StoreHashTest, RevisionThatIsNotKeptCannotBeRead) {
  const int64_t first = Put("s/1", "a");
  const int64_t second = Put("s/1", "b");
  ASSERT_TRUE(etcd_.Compact(second).ok());
  EXPECT_TRUE(absl::IsOutOfRange(Read(first).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Read(second + 10).status()));
}

TEST_F(StoreHashTest, PageThatCannotBeReadFailsIt) {
  Put("s/1", "a");
  client_.FailNext(CallKind::kRange, absl::UnavailableError("cut"));
  EXPECT_TRUE(absl::IsUnavailable(Read(etcd_.revision()).status()));
  EXPECT_TRUE(Read(etcd_.revision()).ok());
}

}  // namespace
}  // namespace rollcall::etcd
