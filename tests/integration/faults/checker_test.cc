// The checker accepts what may happen and refuses each thing that may not.
#include "tests/integration/faults/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::integration {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "a" was registered and stays; "b" was registered and deregistered; all saw it.
History Right() {
  History history;
  history.written["a"] = {.epochs = {5}};
  history.written["b"] = {.epochs = {7}, .ended = true};
  for (const char* node : {"node-1", "node-2"}) history.nodes[node] = {{"a", 5}};
  history.watchers["w"] = {
      .told = {{"s", 5, "a", 5, ""}, {"s", 7, "b", 7, ""}, {"s", 9, "b", 0, ""}},
      .revisions = {{"s", 5}, {"s", 7}, {"s", 9}},
      .view = {{"a", 5}}};
  history.longest_answer = absl::Seconds(2);
  history.answer_limit = absl::Seconds(4);
  return history;
}
Watched& Watcher(History& history) { return history.watchers["w"]; }

void ExpectRefused(const History& history, const std::string& why) {
  EXPECT_THAT(Check(history), Contains(HasSubstr(why)));
}

TEST(CheckerTest, ARightHistoryPasses) { EXPECT_THAT(Check(Right()), IsEmpty()); }

TEST(CheckerTest, AWriteOfUnknownOutcomeMayStandOrNot) {
  History history = Right();
  history.written["c"] = {};
  history.written["d"] = {.epochs = {8}, .unsure = true};
  EXPECT_THAT(Check(history), IsEmpty());
}

TEST(CheckerTest, ALostRegistrationIsRefused) {
  History history = Right();
  for (auto& [node, view] : history.nodes) view.clear();
  ExpectRefused(history, "has lost a");
}

TEST(CheckerTest, ARegistrationReplacedByAnOlderOneIsRefused) {
  History history = Right();
  history.nodes["node-2"]["a"] = 4;
  ExpectRefused(history, "at epoch 4");
}

TEST(CheckerTest, AProcessThatHadToRegisterAgainIsRefused) {
  History history = Right();
  history.written["a"].epochs = {5, 11};
  ExpectRefused(history, "registered again by its process");
}

TEST(CheckerTest, OneThatWasDeregisteredAndStandsIsRefused) {
  History history = Right();
  history.nodes["node-1"]["b"] = 7;
  ExpectRefused(history, "still has b");
}

TEST(CheckerTest, NodesThatDifferAreRefused) {
  History history = Right();
  history.nodes["node-2"]["x"] = 3;
  ExpectRefused(history, "node-2 has");
}

TEST(CheckerTest, AnAuditThatDiffersIsRefused) {
  History history = Right();
  history.audit_differs = {"node-2"};
  ExpectRefused(history, "audit of node-2");
}

TEST(CheckerTest, AWatchThatGoesBackIsRefused) {
  History history = Right();
  Watcher(history).revisions.emplace_back("s", 8);
  ExpectRefused(history, "went back from revision 9 to 8");
  history = Right();
  Watcher(history).revisions.emplace_back("another store", 8);
  EXPECT_THAT(Check(history), IsEmpty());
}

TEST(CheckerTest, AnOlderStateAfterANewerOneIsRefused) {
  History history = Right();
  Watcher(history).told.push_back({"s", 6, "b", 7, ""});
  ExpectRefused(history, "an older state after a newer one");
}

TEST(CheckerTest, OneThatIsBackByItselfIsRefused) {
  History history = Right();
  Watcher(history).told.push_back({"s", 12, "b", 7, ""});
  ExpectRefused(history, "back without a new registration");
}

TEST(CheckerTest, ALivingOneThatIsRemovedIsRefused) {
  History history = Right();
  Watcher(history).told.push_back({"s", 12, "a", 0, "EXPIRED"});
  ExpectRefused(history, "removed while it lives: EXPIRED");
}

TEST(CheckerTest, AWatcherThatDoesNotEndAtTheTruthIsRefused) {
  History history = Right();
  Watcher(history).view["b"] = 7;
  ExpectRefused(history, "w ended with");
}

TEST(CheckerTest, AWriteThatWaitsTooLongIsRefused) {
  History history = Right();
  history.longest_answer = absl::Seconds(5);
  ExpectRefused(history, "answered only after 5s");
}

}  // namespace
}  // namespace rollcall::integration
