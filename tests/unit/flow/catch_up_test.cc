// How long it may take to find out what a node does not know.
#include "server/flow/catch_up.h"

#include "tests/unit/flow/flow_fixture.h"

namespace rollcall::flow {
namespace {

// A store that answers no barrier until it is told to.
class MuteStore final : public store::Store {
 public:
  explicit MuteStore(const StoreId& id) : id_(id) {}
  const StoreId& id() const override { return id_; }
  size_t max_group() const override { return 1; }
  absl::Duration age() const override { return absl::InfiniteDuration(); }
  absl::Status Follow(Revision, store::Follower&) override { return absl::OkStatus(); }
  void Reload() override {}
  void Commit(std::vector<store::Transaction>, CommitDone) override {}
  void Barrier(BarrierDone done) override { barrier = std::move(done); }
  void Versions(std::string, Revision, VersionsDone) override {}

  BarrierDone barrier;

 private:
  const StoreId id_;
};

class CatchUpTest : public FlowTest {
 protected:
  void Run(absl::Duration within) {
    late_.Run(clock_.Steady() + within, [this](absl::StatusOr<Revision> known) {
      ++answers_;
      known_ = std::move(known);
    });
  }

  MuteStore mute_{store_->id()};
  CatchUp late_{mute_, *replica_, executor_, clock_};
  int answers_ = 0;
  absl::StatusOr<Revision> known_;
};

TEST_F(CatchUpTest, AStoreThatDoesNotAnswerIsWaitedForUntilTheDeadline) {
  Run(absl::Seconds(3));
  AdvanceBy(absl::Seconds(3) - absl::Nanoseconds(1));
  EXPECT_EQ(answers_, 0);
  AdvanceBy(absl::Nanoseconds(1));
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(known_.status().code(), absl::StatusCode::kUnavailable);
  mute_.barrier(Revision(0));
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(answers_, 1);
}

TEST_F(CatchUpTest, AnAnswerInTimeIsTheOnlyOne) {
  Register("web", "a", "s1");
  Run(absl::Seconds(3));
  mute_.barrier(replica_->applied());
  EXPECT_EQ(answers_, 1);
  ASSERT_TRUE(known_.ok());
  EXPECT_EQ(*known_, replica_->applied());
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(answers_, 1);
}

TEST_F(CatchUpTest, ARevisionThatDoesNotComeIsWaitedForTwoSeconds) {
  Run(absl::Seconds(30));
  mute_.barrier(Revision(replica_->applied().value() + 1));
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(known_.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace rollcall::flow
