#include "server/model/state_revision.h"

#include "gtest/gtest.h"

namespace rollcall {
namespace {

using internal::v1::SessionRecord;

TEST(StateRevisionTest, IsTheRecordsOwnUnlessItNamesAnother) {
  SessionRecord record;
  EXPECT_EQ(StateRevisionOf(record, Revision(7)), Revision(7));
  record.set_state_revision(5);
  EXPECT_EQ(StateRevisionOf(record, Revision(7)), Revision(5));
}

TEST(StateRevisionTest, IsNeverAboveTheRecordsRevision) {
  SessionRecord record;
  record.set_state_revision(900);
  EXPECT_EQ(StateRevisionOf(record, Revision(7)), Revision(7));
}

TEST(StateRevisionTest, OfNoSessionIsZero) {
  EXPECT_EQ(StateRevisionOf(Versioned<SessionRecord>{}), Revision(0));
}

TEST(StateRevisionTest, StaysThroughRewritesThatKeepTheState) {
  Versioned<SessionRecord> old{SessionRecord(), Revision(4)};
  SessionRecord moved = *old.record;
  KeepState(old, moved);
  EXPECT_EQ(StateRevisionOf(moved, Revision(9)), Revision(4));
  old = {moved, Revision(9)};
  KeepState(old, moved);
  EXPECT_EQ(StateRevisionOf(moved, Revision(12)), Revision(4));
}

TEST(StateRevisionTest, IsThatOfTheWriteThatChangesTheState) {
  SessionRecord record;
  record.set_state_revision(4);
  ChangeState(record, internal::v1::SESSION_STATE_SUSPECT);
  EXPECT_EQ(record.state(), internal::v1::SESSION_STATE_SUSPECT);
  EXPECT_EQ(StateRevisionOf(record, Revision(9)), Revision(9));
}

}  // namespace
}  // namespace rollcall
