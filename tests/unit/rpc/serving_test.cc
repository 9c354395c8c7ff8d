// The serving rule, and what follows from it: who is served, and what an operator is told of it.
#include "client-sdk/base/serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/rpc/resolve_cache.h"
#include "server/rpc/served_because.h"
#include "tests/support/core_fixture.h"

namespace rollcall::rpc {
namespace {

using base::ServeDownTo;
using ::testing::HasSubstr;

TEST(ServingRuleTest, Table) {
  struct Row {
    uint32_t passing, suspect, critical;
    ServeDownTo level;
    ServeDownTo strict = ServeDownTo::kPassing;
  };
  constexpr ServeDownTo kP = ServeDownTo::kPassing;
  constexpr ServeDownTo kS = ServeDownTo::kSuspect;
  constexpr ServeDownTo kC = ServeDownTo::kCritical;
  const Row kTable[] = {
      {0, 0, 0, kP}, {1, 0, 0, kP}, {10, 0, 0, kP},  {3, 7, 0, kP},  // exactly the share
      {2, 8, 0, kS}, {0, 1, 0, kS}, {0, 10, 0, kS},  {3, 0, 7, kP},   {2, 0, 8, kC},
      {2, 1, 7, kS}, {1, 1, 8, kC}, {0, 0, 1, kC},   {0, 3, 7, kS},   {0, 2, 8, kC},
      {1, 2, 0, kP}, {1, 3, 0, kS}, {30, 70, 0, kP}, {29, 71, 0, kS},
  };
  for (const Row& row : kTable) {
    SCOPED_TRACE(absl::StrCat(row.passing, " ", row.suspect, " ", row.critical));
    EXPECT_EQ(base::ServingLevel(row.passing, row.suspect, row.critical), row.level);
    EXPECT_EQ(base::ServingLevel(row.passing, row.suspect, row.critical, true), row.strict);
  }
}

class CountedFrame final : public feed::Frame {
 public:
  explicit CountedFrame(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t size() const override { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  const std::string bytes_;
};

class ServedTest : public testing::CoreTest {
 protected:
  std::shared_ptr<const catalog::ServiceSnapshot> Snapshot() {
    return views_->Find({"default", "web"});
  }
  std::string Ids(const std::string& selector = "", bool strict = false) {
    std::string ids;
    for (const auto& live : Served(*Snapshot(), *Selector::Parse(selector), strict)) {
      absl::StrAppend(&ids, live->id());
    }
    return ids;
  }
  // One instance with a session of its own.
  void Passing(const std::string& id, const std::string& zone = "") {
    v1::InstanceSpec spec = testing::SpecOf("web", id);
    spec.mutable_locality()->set_zone(zone);
    Run(std::make_shared<command::Register>(Claim("s" + id), std::vector<v1::InstanceSpec>{spec},
                                            "tester"));
  }
  void Suspect(const std::string& id) { Move("s" + id, internal::v1::SESSION_STATE_SUSPECT); }
  std::string Because(const std::string& id) {
    const ServedVerdict verdict = ServedBecause(Snapshot().get(), id);
    return absl::StrCat(verdict.served ? "served: " : "not served: ", verdict.because);
  }

  size_t made_ = 0;
  ResolveCache cache_{[this](std::string bytes) {
    ++made_;
    return std::make_shared<CountedFrame>(std::move(bytes));
  }};
};

TEST_F(ServedTest, SuspectOnesAreServedOnlyWhenTooFewPass) {
  for (const char* id : {"a", "b", "c", "d"}) Passing(id);
  EXPECT_EQ(Ids(), "abcd");
  Suspect("a");
  EXPECT_EQ(Ids(), "bcd");
  EXPECT_THAT(Because("a"), HasSubstr("not served: it is SUSPECT and enough others"));
  EXPECT_EQ(Because("b"), "served: it is PASSING");
  Suspect("b");
  Suspect("c");
  EXPECT_EQ(Ids(), "abcd");
  EXPECT_THAT(Because("a"), HasSubstr("fail open"));
  EXPECT_EQ(Ids("", true), "d");
  Suspect("d");
  EXPECT_EQ(Ids("", true), "");
}

TEST_F(ServedTest, TheRuleIsOverThoseThatMatch) {
  Passing("a", "z1");
  Passing("b", "z2");
  Passing("c", "z2");
  Suspect("a");
  EXPECT_EQ(Ids(), "bc");
  EXPECT_EQ(Ids("zone=z1"), "a");
  EXPECT_EQ(Ids("zone=z3"), "");
}

TEST_F(ServedTest, AnUnknownInstanceIsNotServed) {
  EXPECT_EQ(ServedBecause(nullptr, "a").because, "it is not registered");
  Passing("a");
  EXPECT_EQ(Because("b"), "not served: it is not registered");
}

TEST_F(ServedTest, OneEncodingIsSharedByAllWhoAskAlikeUntilTheServiceChanges) {
  Passing("a", "z1");
  const auto first = cache_.Instances(*Snapshot(), Selector(), false);
  EXPECT_EQ(cache_.Instances(*Snapshot(), Selector(), false), first);
  EXPECT_EQ(made_, 1u);
  const auto other = cache_.Instances(*Snapshot(), *Selector::Parse("zone=z1"), false);
  EXPECT_NE(other, first);
  EXPECT_EQ(cache_.Instances(*Snapshot(), *Selector::Parse(" zone = z1 "), false), other);
  cache_.Instances(*Snapshot(), Selector(), true);
  EXPECT_EQ(made_, 3u);
  const auto old = Snapshot();
  Passing("b");
  const auto newer = cache_.Instances(*Snapshot(), Selector(), false);
  EXPECT_NE(newer, first);
  // Who still holds the older snapshot gets that, and does not push the newer one out.
  EXPECT_EQ(static_cast<const CountedFrame&>(*cache_.Instances(*old, Selector(), false)).bytes(),
            static_cast<const CountedFrame&>(*first).bytes());
  EXPECT_EQ(cache_.Instances(*Snapshot(), Selector(), false), newer);
}

TEST_F(ServedTest, NothingToServeIsNoFrame) {
  Passing("a");
  EXPECT_EQ(cache_.Instances(*Snapshot(), *Selector::Parse("zone=z9"), false), nullptr);
  EXPECT_EQ(cache_.Instances(*Snapshot(), *Selector::Parse("zone=z9"), false), nullptr);
  EXPECT_EQ(made_, 0u);
}

}  // namespace
}  // namespace rollcall::rpc
