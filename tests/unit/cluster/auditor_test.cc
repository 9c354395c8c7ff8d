// One node among others that answer as the test says.
#include "server/cluster/auditor.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/model/times.h"
#include "tests/unit/cluster/fake_leases.h"
#include "tests/unit/replica/replica_fixture.h"

namespace rollcall::cluster {
namespace {

using store::RecordsHash;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(AuditRoundTest, WhoIsNotOfTheMostIsOutvoted) {
  const NodeId a("a"), b("b"), c("c"), d("d");
  const RecordsHash one{1, 5}, two{2, 5}, fewer{1, 4};
  EXPECT_THAT(Outvoted({}), IsEmpty());
  EXPECT_THAT(Outvoted({{a, one}}), IsEmpty());
  EXPECT_THAT(Outvoted({{a, one}, {b, one}}), IsEmpty());
  EXPECT_THAT(Outvoted({{a, one}, {b, two}}), ElementsAre(a, b));
  EXPECT_THAT(Outvoted({{a, one}, {b, two}, {c, one}}), ElementsAre(b));
  EXPECT_THAT(Outvoted({{a, one}, {b, fewer}, {c, one}}), ElementsAre(b));
  EXPECT_THAT(Outvoted({{a, one}, {b, two}, {c, one}, {d, two}}), ElementsAre(a, b, c, d));
  EXPECT_THAT(Outvoted({{a, one}, {b, two}, {c, one}, {d, fewer}}), ElementsAre(b, d));
}

class AuditorTest : public replica::ReplicaTest {
 protected:
  AuditorTest() {
    store_.Commit({Instance("a"), Session("s1")});
    Open(false);
    replica_->ListenControl(
        [this](const std::string& key, Revision revision, const std::optional<std::string>& value) {
          directory_.OnControl(key, revision, value);
        });
    auditor_.emplace(EdgesOfAuditor(), Auditor::Options{NodeId("self"), absl::Minutes(1)});
    Load();
  }
  Auditor::Edges EdgesOfAuditor() {
    return {store_,
            leases_,
            *replica_,
            directory_,
            executor_,
            clock_,
            lines_,
            [this](internal::v1::AuditAnswer answer) { answer_ = std::move(answer); },
            [this](Revision revision, Auditor::HashDone done) {
              asked_at_.push_back(revision.value());
              asked_store_ = std::move(done);
            }};
  }

  // The audit record is applied; the revision of it.
  uint64_t Audit() {
    store_.Tell({{kAuditKey, "asked"}});
    return store_.revision();
  }
  void Answers(const std::string& node, uint64_t revision, RecordsHash hash) {
    internal::v1::NodeRecord record;
    record.set_id(node);
    record.mutable_audit()->set_revision(revision);
    record.mutable_audit()->set_hash(hash.hash);
    record.mutable_audit()->set_records(hash.records);
    store_.Tell({{NodeKeyOf(NodeId(node)), record.SerializeAsString()}});
  }
  void Gathered() { executor_.AdvanceBy(Auditor::kGather); }
  // An audit in which two others answer so.
  void AuditAgainst(RecordsHash hash) {
    const uint64_t revision = Audit();
    Answers("n2", revision, hash);
    Answers("n3", revision, hash);
    Gathered();
  }
  void StoreSays(absl::StatusOr<RecordsHash> hash) { std::exchange(asked_store_, {})(hash); }
  void TakeIsAnswered(absl::StatusOr<bool> ours) {
    auto taking = std::move(leases_.takes.back());
    leases_.takes.pop_back();
    EXPECT_EQ(taking.key, "e/reload");
    EXPECT_EQ(taking.value, "self");
    if (ours.ok() && *ours) leases_.kept[taking.key] = taking.value;
    std::move(taking.done)(ours);
  }
  RecordsHash Wrong() const { return {replica_->hash().hash + 1, replica_->hash().records}; }

  FakeLeases leases_;
  NodeDirectory directory_{clock_};
  std::vector<std::string> log_lines_;
  observe::Log lines_{
      {}, clock_, [this](absl::string_view line) { log_lines_.push_back(std::string(line)); }};
  std::optional<internal::v1::AuditAnswer> answer_;
  std::vector<uint64_t> asked_at_;
  Auditor::HashDone asked_store_;
  std::optional<Auditor> auditor_;
};

TEST_F(AuditorTest, AnswersWithWhatStandsAtTheAudit) {
  store_.Tell({Instance("b")});
  const uint64_t revision = Audit();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(answer_->revision(), revision);
  EXPECT_EQ(answer_->hash(), Truth().hash);
  EXPECT_EQ(answer_->records(), 3u);
}

TEST_F(AuditorTest, AuditThatIsFoundInASnapshotIsNotAnswered) {
  store_.Commit({{kAuditKey, "asked"}});
  store_.Commit({Instance("b")});
  store_.TellSnapshot();
  EXPECT_FALSE(answer_.has_value());
}

TEST_F(AuditorTest, AsksWhileItHoldsTheOffice) {
  executor_.AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(store_.groups, IsEmpty());
  auditor_->SetAsking(true);
  auditor_->SetAsking(true);
  executor_.AdvanceBy(absl::Minutes(3));
  ASSERT_EQ(store_.groups.size(), 3u);
  ASSERT_EQ(store_.groups[0][0].puts.size(), 1u);
  EXPECT_EQ(store_.groups[0][0].puts[0].key, "c/audit");
  internal::v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(store_.groups[0][0].puts[0].value));
  EXPECT_EQ(record.asked_by(), "self");
  auditor_->SetAsking(false);
  executor_.AdvanceBy(absl::Minutes(3));
  EXPECT_EQ(store_.groups.size(), 3u);
}

TEST_F(AuditorTest, ANewHolderOfTheOfficeAsksWhenItsPredecessorWouldHave) {
  Audit();
  executor_.AdvanceBy(absl::Seconds(50));
  auditor_->SetAsking(true);
  executor_.AdvanceBy(absl::Seconds(9));
  EXPECT_THAT(store_.groups, IsEmpty());
  executor_.AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(store_.groups.size(), 1u);
}

TEST_F(AuditorTest, AnAuditThatIsLongDueComesSoonAfterTheOfficeWasTaken) {
  internal::v1::AuditRecord record;
  *record.mutable_time() = ToProto(clock_.Wall() - absl::Hours(1));
  store_.Commit({{kAuditKey, record.SerializeAsString()}});
  store_.TellSnapshot();
  store_.follower().OnCaughtUp();
  auditor_->SetAsking(true);
  executor_.AdvanceBy(Auditor::kShortestInterval - absl::Seconds(1));
  EXPECT_THAT(store_.groups, IsEmpty()) << "another may just have been asked for";
  executor_.AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(store_.groups.size(), 1u);
}

TEST_F(AuditorTest, AClockThatIsWrongPutsTheNextAuditOffByAnIntervalAtMost) {
  internal::v1::AuditRecord record;
  *record.mutable_time() = ToProto(clock_.Wall() + absl::Hours(100));
  store_.Tell({{kAuditKey, record.SerializeAsString()}});
  auditor_->SetAsking(true);
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(store_.groups.size(), 1u);
}

TEST_F(AuditorTest, EachAuditCanBeComparedBeforeTheNextIsAsked) {
  EXPECT_GT(Auditor::kShortestInterval, Auditor::kGather);
  Auditor hasty(EdgesOfAuditor(), Auditor::Options{NodeId("self"), absl::Seconds(1)});
  hasty.SetAsking(true);
  executor_.AdvanceBy(Auditor::kShortestInterval * 2.5);
  EXPECT_EQ(store_.groups.size(), 2u);
}

TEST_F(AuditorTest, DoesNotAskWhileItIsNotReady) {
  auditor_->SetAsking(true);
  store_.follower().OnInterrupted(absl::UnavailableError("away"));
  executor_.AdvanceBy(absl::Minutes(3));
  EXPECT_THAT(store_.groups, IsEmpty());
}

TEST_F(AuditorTest, NodesThatAgreeAreLeftAlone) {
  AuditAgainst(replica_->hash());
  EXPECT_THAT(auditor_->differing(), IsEmpty());
  EXPECT_EQ(auditor_->stats().audits, 1u);
  EXPECT_EQ(auditor_->stats().differences, 0u);
  EXPECT_THAT(asked_at_, IsEmpty());
  EXPECT_THAT(log_lines_, IsEmpty());
}

TEST_F(AuditorTest, AnswersToOtherAuditsAndOfNodesThatWentDoNotCount) {
  const uint64_t revision = Audit();
  Answers("n2", revision - 1, Wrong());
  Answers("n3", revision, Wrong());
  store_.Tell({{"n/n3", std::nullopt}});
  Gathered();
  EXPECT_THAT(auditor_->differing(), IsEmpty());
}

TEST_F(AuditorTest, NodeThatDiffersIsToldOfAndTheOthersDoNothing) {
  const uint64_t revision = Audit();
  Answers("n2", revision, replica_->hash());
  Answers("n3", revision, Wrong());
  Gathered();
  EXPECT_THAT(auditor_->differing(), ElementsAre(NodeId("n3")));
  EXPECT_EQ(auditor_->stats().differences, 1u);
  EXPECT_THAT(log_lines_, ElementsAre(HasSubstr("node=n3")));
  EXPECT_THAT(asked_at_, IsEmpty());
  AuditAgainst(replica_->hash());
  EXPECT_THAT(auditor_->differing(), IsEmpty());
  EXPECT_THAT(log_lines_, Contains(HasSubstr("agree again")));
}

TEST_F(AuditorTest, OutvotedNodeThatIsRightSaysSoAndStays) {
  AuditAgainst(Wrong());
  EXPECT_THAT(auditor_->differing(), ElementsAre(NodeId("self")));
  EXPECT_THAT(asked_at_, ElementsAre(2u));
  StoreSays(replica_->hash());
  EXPECT_THAT(leases_.takes, IsEmpty());
  EXPECT_THAT(log_lines_, Contains(HasSubstr("this node's records are those of the store")));
}

TEST_F(AuditorTest, StoreThatSaysNothingLeavesItToTheNextAudit) {
  AuditAgainst(Wrong());
  StoreSays(absl::OutOfRangeError("compacted"));
  EXPECT_THAT(leases_.takes, IsEmpty());
  AuditAgainst(Wrong());
  EXPECT_EQ(asked_at_.size(), 2u);
}

TEST_F(AuditorTest, NodeInDoubtAsksTheStore) {
  const uint64_t revision = Audit();
  Answers("n2", revision, Wrong());
  Gathered();
  EXPECT_THAT(auditor_->differing(), ElementsAre(NodeId("n2"), NodeId("self")));
  EXPECT_THAT(asked_at_, ElementsAre(revision));
}

TEST_F(AuditorTest, WrongNodeReloadsUnderTheOfficeAndGivesItBack) {
  const RecordsHash right = replica_->hash();
  // Missed by this node.
  const store::Record missed = {"s/s2", *Session("s2").value, Revision(1)};
  store_.records()[missed.key] = missed;
  AuditAgainst(Truth());
  StoreSays(Truth());
  EXPECT_EQ(store_.reloads, 0) << "not without the office";
  TakeIsAnswered(true);
  EXPECT_EQ(store_.reloads, 1);
  EXPECT_FALSE(replica_->ready());
  EXPECT_TRUE(leases_.kept.contains("e/reload"));
  AuditAgainst(Truth());
  EXPECT_EQ(asked_at_.size(), 1u) << "it is being put right";
  store_.TellSnapshot();
  store_.follower().OnCaughtUp();
  EXPECT_TRUE(replica_->ready());
  EXPECT_FALSE(leases_.kept.contains("e/reload"));
  EXPECT_NE(replica_->hash(), right);
  EXPECT_EQ(auditor_->stats().reloads, 1u);
  AuditAgainst(Truth());
  EXPECT_THAT(auditor_->differing(), IsEmpty());
}

TEST_F(AuditorTest, ReloadWaitsUntilNobodyElseDoes) {
  AuditAgainst(Wrong());
  StoreSays(Wrong());
  store_.Tell({{"e/reload", "n2"}});
  TakeIsAnswered(false);
  EXPECT_THAT(leases_.takes, IsEmpty());
  store_.Tell({{"e/reload", std::nullopt}});
  ASSERT_EQ(leases_.takes.size(), 1u);
  TakeIsAnswered(absl::UnavailableError("no answer"));
  executor_.AdvanceBy(Auditor::kRetry);
  ASSERT_EQ(leases_.takes.size(), 1u);
  TakeIsAnswered(true);
  EXPECT_EQ(store_.reloads, 1);
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(leases_.takes, IsEmpty());
}

}  // namespace
}  // namespace rollcall::cluster
