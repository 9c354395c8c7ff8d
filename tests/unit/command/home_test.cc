// Who may judge a session, and how it gets another home.
#include "tests/unit/command/command_fixture.h"

namespace rollcall::command {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using enum absl::StatusCode;

// Sessions of CommandTest are at home on node-1.
class HomeTest : public CommandTest {
 protected:
  Result MoveBy(const std::string& node, const std::string& session, SessionState to) {
    return Run(
        MoveSession(SessionId(session), to, {v1::CAUSE_EXPIRED, node, "seen"}, NodeId(node)));
  }
  Result Rehome(const std::string& session, const std::string& to) {
    return Run(MoveHome(SessionId(session), NodeId(to), "it opened here"));
  }
  void SetPresent(const std::string& node, bool present) {
    catalog_.SetNodePresent(NodeId(node), present);
  }
  std::string HomeOf(const std::string& session) const {
    return catalog_.Session(SessionId(session))->home();
  }
  internal::v1::Stamp SessionStampOf(const std::string& session) const {
    return catalog_.Session(SessionId(session))->stamp();
  }
  Revision RevisionOf(const std::string& id) const {
    for (const auto& live : views_.Find({kDefaultNamespace, "web"})->instances) {
      if (live->id() == id) return live->revision();
    }
    return Revision(0);
  }
  // "key@revision" of every guard that the command would make.
  std::vector<std::string> GuardsOf(Command&& command) {
    const Decision decision = command.Decide(catalog_, {now_, kWriteId});
    std::vector<std::string> guards;
    for (const Change::Guard& guard : std::get<Change>(decision).guards) {
      guards.push_back(absl::StrCat(guard.key, "@", guard.revision.value()));
    }
    return guards;
  }
};

TEST_F(HomeTest, ASessionThatIsOpenedIsAtHomeOnTheNodeThatOpensIt) {
  RegisterOne("s1", "a");
  EXPECT_EQ(HomeOf("s1"), "node-1");
}

TEST_F(HomeTest, ASessionWhoseHomeIsPresentIsJudgedByNoOtherNode) {
  RegisterOne("s1", "a");
  SetPresent("node-1", true);
  for (const SessionState to : {kSuspect, kLeaving, kEnded}) {
    EXPECT_THAT(MoveBy("node-2", "s1", to),
                Refused(kFailedPrecondition, "has moved to node \"node-1\""));
  }
  EXPECT_EQ(StateOf("s1"), kLive);
  EXPECT_THAT(MoveBy("node-1", "s1", kSuspect), Changed());
}

TEST_F(HomeTest, TheHomeItselfNeedsNoPresence) {
  RegisterOne("s1", "a");
  const Revision at = catalog_.Session(SessionId("s1")).revision;
  EXPECT_THAT(GuardsOf(MoveSession(SessionId("s1"), kSuspect,
                                   {v1::CAUSE_BEAT_OVERDUE, "node-1", ""}, NodeId("node-1"))),
              ElementsAre(absl::StrCat("s/s1@", at.value())));
}

TEST_F(HomeTest, AnotherNodeJudgesItOnlyOnTheGuardThatTheHomeIsNotPresent) {
  RegisterOne("s1", "a");
  EXPECT_THAT(GuardsOf(MoveSession(SessionId("s1"), kSuspect,
                                   {v1::CAUSE_BEAT_OVERDUE, "node-2", ""}, NodeId("node-2"))),
              Contains("n/node-1@0"));
  EXPECT_THAT(MoveBy("node-2", "s1", kSuspect), Changed());
  EXPECT_THAT(MoveBy("node-2", "s1", kEnded), Changed());
  EXPECT_EQ(HomeOf("s1"), "node-1") << "it has no new home by that";
}

TEST_F(HomeTest, ThatItHasEndedIsSoWhereverItIsAtHome) {
  RegisterOne("s1", "a");
  MoveBy("node-1", "s1", kEnded);
  SetPresent("node-1", true);
  EXPECT_THAT(MoveBy("node-2", "s1", kEnded), LeftAsItIs());
}

TEST_F(HomeTest, ItsOwnerDeregistersItWhateverItsHome) {
  RegisterOne("s1", "a");
  SetPresent("node-1", true);
  Rehome("s1", "node-2");
  EXPECT_THAT(Run(Deregister(Proof("s1"), {}, true, {v1::CAUSE_DEREGISTERED, "", ""})), Changed());
  EXPECT_EQ(StateOf("s1"), kEnded);
}

TEST_F(HomeTest, ANewHomeChangesNoInstance) {
  RegisterOne("s1", "a");
  const Revision before = RevisionOf("a");
  const internal::v1::Stamp stamp = SessionStampOf("s1");
  EXPECT_THAT(Rehome("s1", "node-2"), Changed());
  EXPECT_EQ(HomeOf("s1"), "node-2");
  EXPECT_EQ(StateOf("s1"), kLive);
  EXPECT_EQ(RevisionOf("a"), before);
  EXPECT_EQ(SessionStampOf("s1").cause(), stamp.cause());
  Rehome("s1", "node-3");
  EXPECT_EQ(RevisionOf("a"), before) << "nor does the next";
}

TEST_F(HomeTest, ANewHomeMakesASuspectSessionLiveAndThatIsAChange) {
  RegisterOne("s1", "a");
  MoveBy("node-1", "s1", kSuspect);
  EXPECT_THAT(Rehome("s1", "node-2"), Changed());
  EXPECT_EQ(StateOf("s1"), kLive);
  EXPECT_EQ(RevisionOf("a"), catalog_.applied());
  EXPECT_EQ(SessionStampOf("s1").cause(), v1::CAUSE_RENEWED);
  EXPECT_EQ(SessionStampOf("s1").actor(), "node-2");
  EXPECT_EQ(SessionStampOf("s1").evidence(), "it opened here");
}

TEST_F(HomeTest, ASuspicionAfterAMoveIsAChangeOfItsInstances) {
  RegisterOne("s1", "a");
  Rehome("s1", "node-2");
  MoveBy("node-2", "s1", kSuspect);
  EXPECT_EQ(RevisionOf("a"), catalog_.applied());
}

TEST_F(HomeTest, WhoLeavesGoesOnLeavingOnANewHome) {
  RegisterOne("s1", "a");
  MoveBy("node-1", "s1", kLeaving);
  const Revision before = RevisionOf("a");
  EXPECT_THAT(Rehome("s1", "node-2"), Changed());
  EXPECT_EQ(StateOf("s1"), kLeaving);
  EXPECT_EQ(RevisionOf("a"), before);
}

TEST_F(HomeTest, AtHomeAlreadyThereIsNothingToDoUnlessItIsSuspect) {
  RegisterOne("s1", "a");
  EXPECT_THAT(Rehome("s1", "node-1"), LeftAsItIs());
  MoveBy("node-1", "s1", kSuspect);
  EXPECT_THAT(Rehome("s1", "node-1"), Changed());
  EXPECT_EQ(StateOf("s1"), kLive);
}

TEST_F(HomeTest, AnEndedOrUnknownSessionGetsNoHome) {
  RegisterOne("s1", "a");
  MoveBy("node-1", "s1", kEnded);
  EXPECT_THAT(Rehome("s1", "node-2"), Refused(kFailedPrecondition, "has ended"));
  EXPECT_THAT(Rehome("nobody", "node-2"), Refused(kNotFound, "nobody"));
}

TEST_F(HomeTest, RegisteringInASessionThatIsAtHomeElsewhereLeavesItThere) {
  RegisterOne("s1", "a");
  Rehome("s1", "node-2");
  EXPECT_THAT(RegisterOne("s1", "b"), Changed());
  EXPECT_EQ(HomeOf("s1"), "node-2");
}

}  // namespace
}  // namespace rollcall::command
