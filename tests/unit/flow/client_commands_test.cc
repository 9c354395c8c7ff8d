// What a node may deny: only what nobody knows.
#include "server/flow/client_commands.h"

#include "server/command/operator_commands.h"
#include "tests/unit/flow/flow_fixture.h"

namespace rollcall::flow {
namespace {

using testing::Heard;
using testing::Hearing;
using testing::SpecOf;

class ClientCommandsTest : public FlowTest {
 protected:
  // A registration in a session that is to exist.
  static std::shared_ptr<command::Register> InSession(const std::string& session) {
    command::SessionClaim claim = Claim(session);
    claim.open_ttl.reset();
    return std::make_shared<command::Register>(
        std::move(claim), std::vector<v1::InstanceSpec>{SpecOf("web", "b")}, "tester");
  }
  Hearing Ask(std::shared_ptr<command::Command> command,
              absl::Duration within = absl::Seconds(30)) {
    auto heard = std::make_shared<Heard>();
    commands_.Submit(std::move(command), clock_.Steady() + within,
                     [heard](absl::StatusOr<Revision> answer) {
                       heard->answer = std::move(answer);
                       ++heard->answers;
                     });
    return heard;
  }
};

TEST_F(ClientCommandsTest, WhatAnotherNodeHasAcknowledgedIsFoundThoughThisNodeLags) {
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s1"));
  const Hearing heard = Ask(InSession("s1"));
  Settle();
  EXPECT_FALSE(heard->answer) << heard->message();
  store_->ReleaseChanges();
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_TRUE(Registered("web", "b"));
}

TEST_F(ClientCommandsTest, WhatNobodyKnowsIsNotFound) {
  const Hearing heard = Ask(InSession("nobody"));
  Settle();
  EXPECT_EQ(heard->code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(heard->answers, 1);
}

TEST_F(ClientCommandsTest, ANodeThatStaysBehindDeniesNothing) {
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s1"));
  const Hearing heard = Ask(InSession("s1"));
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(heard->code(), absl::StatusCode::kUnavailable);
  store_->ReleaseChanges();
  Settle();
  EXPECT_EQ(heard->answers, 1);
}

TEST_F(ClientCommandsTest, ThatNothingIsToBeDoneIsSaidOnlyByOneThatKnowsAll) {
  store_->HoldChanges();
  command::SetOverride drain(
      {.name = testing::Name("web", "a"), .mode = v1::OVERRIDE_MODE_DRAINING},
      {v1::CAUSE_OVERRIDE_SET, "ada", ""});
  CommitElsewhere(drain);
  const Hearing cleared = Ask(std::make_shared<command::ClearOverride>(
      testing::Name("web", "a"), false, command::Reason{v1::CAUSE_OVERRIDE_CLEARED, "ada", ""}));
  Settle();
  EXPECT_FALSE(cleared->answer) << cleared->message();
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(cleared->ok()) << cleared->message();
  EXPECT_TRUE(catalog_->Override(testing::Name("web", "a"))->removed());
}

TEST_F(ClientCommandsTest, WhatIsSoAlreadyIsAnsweredOnceItIsKnownToBeSoStill) {
  Register("web", "a", "s1");
  const auto again = Registering("web", "a", "s1");
  const Hearing heard = Ask(again);
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->answers, 1);
  EXPECT_EQ(again->lease_epochs().size(), 1u);
  EXPECT_EQ(store_->groups().size(), 1u);
}

TEST_F(ClientCommandsTest, ALargeRegistrationIsNotDeniedByALaggingNodeEither) {
  store_->HoldChanges();
  CommitElsewhere(*Registering("web", "a", "s1"));
  command::SessionClaim claim = Claim("s1");
  claim.open_ttl.reset();
  const auto heard = Start(std::move(claim), Specs(100));
  Settle();
  EXPECT_FALSE(*heard);
  store_->ReleaseChanges();
  Settle();
  ASSERT_TRUE(*heard);
  EXPECT_TRUE((*heard)->ok()) << (*heard)->status();
}

}  // namespace
}  // namespace rollcall::flow
