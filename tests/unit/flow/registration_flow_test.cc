#include "server/flow/registration_flow.h"

#include "server/model/limits.h"
#include "tests/unit/flow/flow_fixture.h"

namespace rollcall::flow {
namespace {

using enum absl::StatusCode;

TEST_F(FlowTest, ARegistrationThatFitsIsOneTransaction) {
  const auto answer = RegisterMany("s1", kAtomicRegistrationInstances);
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_THAT(store_->GroupSizes(), ::testing::ElementsAre(1));
  EXPECT_EQ((*answer)->lease_epochs.size(), kAtomicRegistrationInstances);
  EXPECT_EQ((*answer)->ttl, absl::Seconds(10));
  EXPECT_EQ((*answer)->revision, catalog_->applied());
}

TEST_F(FlowTest, ALargeOneIsTheSessionWithSomeAndThenTheRestInFewTransactions) {
  const auto answer = RegisterMany("s1", 200);
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_THAT(store_->GroupSizes(), ::testing::ElementsAre(1, 3));
  EXPECT_EQ(catalog_->instance_count(), 200u);
  EXPECT_EQ((*answer)->lease_epochs.size(), 200u);
  for (size_t i = 0; i < 200; ++i) {
    const auto record = catalog_->Instance(testing::Name("web", absl::StrCat("i", i)));
    EXPECT_EQ((*answer)->lease_epochs[i], LeaseEpoch(record->lease_epoch())) << i;
  }
  EXPECT_EQ((*answer)->revision, catalog_->applied());
  EXPECT_EQ((*answer)->ttl, absl::Seconds(10));
}

// A store takes transactions of a limited size.
TEST_F(FlowTest, LargeSpecsComeFewerTogether) {
  std::vector<v1::InstanceSpec> specs = Specs(70);
  for (v1::InstanceSpec& spec : specs) (*spec.mutable_metadata())["x"] = std::string(40'000, 'x');
  const auto heard = Start(Claim("s1"), specs);
  Settle();
  ASSERT_TRUE(heard->has_value() && (*heard)->ok()) << (*heard)->status();
  EXPECT_THAT(store_->GroupSizes(), ::testing::ElementsAre(1, 2));
  for (size_t i = 0; i < specs.size(); ++i) {
    const auto record = catalog_->Instance(testing::Name("web", specs[i].id()));
    EXPECT_EQ((**heard)->lease_epochs[i], LeaseEpoch(record->lease_epoch())) << i;
  }
}

TEST_F(FlowTest, ALargeOneIsOkOnlyWhenAllOfItIsCommittedAndARetryCompletesIt) {
  store_->Next(Fate::kThrough);
  store_->Next(Fate::kRefused);
  const auto first = RegisterMany("s1", 600);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status().code(), kResourceExhausted);
  const size_t there = catalog_->instance_count();
  EXPECT_EQ(there, kAtomicRegistrationInstances);
  const uint64_t kept = catalog_->Instance(testing::Name("web", "i49"))->lease_epoch();
  const auto second = RegisterMany("s1", 600);
  ASSERT_TRUE(second && second->ok()) << second->status();
  EXPECT_EQ(catalog_->instance_count(), 600u);
  EXPECT_EQ((*second)->lease_epochs[49], LeaseEpoch(kept));
}

TEST_F(FlowTest, ALargeOneRepeatedMakesNoRevision) {
  const auto first = RegisterMany("s1", 100);
  const Revision before = catalog_->applied();
  const auto second = RegisterMany("s1", 100);
  ASSERT_TRUE(second && second->ok());
  EXPECT_EQ(catalog_->applied(), before);
  EXPECT_EQ((*second)->lease_epochs, (*first)->lease_epochs);
}

TEST_F(FlowTest, ALargeOneOfAnEndedSessionRegistersNothing) {
  RegisterMany("s1", 1);
  Move("s1", internal::v1::SESSION_STATE_ENDED);
  const auto answer = RegisterMany("s1", 100);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status().code(), kFailedPrecondition);
  EXPECT_EQ(catalog_->instance_count(), 1u);
}

TEST_F(FlowTest, ASessionThatEndsHalfWayTakesNoMoreInstances) {
  store_->Next(Fate::kThrough);
  store_->Next(Fate::kHeld);
  const auto heard = Start(Claim("s1"), Specs(100));
  Settle();
  store_->Next(Fate::kThrough);
  // Behind the held group, as another node's write would be before it.
  command::MoveSession move(SessionId("s1"), internal::v1::SESSION_STATE_ENDED,
                            {v1::CAUSE_EXPIRED, "node-2", ""}, NodeId("node-1"));
  auto change = std::get<command::Change>(move.Decide(*catalog_, {clock_.Wall(), "other"}));
  embedded_->Commit({{{{change.guards[0].key, change.guards[0].revision}},
                      {{change.puts[0].key, change.puts[0].value}},
                      {}}},
                    [](const std::vector<store::Outcome>&) {});
  Settle();
  store_->Release();
  Settle();
  ASSERT_TRUE(heard->has_value());
  EXPECT_EQ((*heard)->status().code(), kFailedPrecondition);
  EXPECT_EQ(catalog_->instance_count(), kAtomicRegistrationInstances);
}

TEST_F(FlowTest, ManyStaticInstancesNeedNoSession) {
  std::vector<v1::InstanceSpec> specs = Specs(100);
  for (v1::InstanceSpec& spec : specs) spec.set_lifetime(v1::LIFETIME_STATIC);
  const auto heard = Start(std::nullopt, std::move(specs));
  Settle();
  ASSERT_TRUE(heard->has_value() && (*heard)->ok());
  EXPECT_EQ(catalog_->instance_count(), 100u);
  EXPECT_EQ(catalog_->session_count(), 0u);
}

}  // namespace
}  // namespace rollcall::flow
