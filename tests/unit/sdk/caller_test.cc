// Calls: retries under one deadline, the budget, and instances that are set aside.
#include <map>

#include "client-sdk/src/caller_core.h"
#include "client-sdk/src/ejector.h"
#include "client-sdk/src/retry_budget.h"
#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

InstancePtr Incarnation(const std::string& id, uint64_t epoch = 1) {
  auto instance = std::make_shared<Instance>();
  instance->id = id;
  instance->lease_epoch = epoch;
  instance->standing = Standing::kPassing;
  return instance;
}

class EjectorTest : public ::testing::Test {
 protected:
  void Fail(int times, const Instance& instance) {
    for (int i = 0; i < times; ++i)
      ejector_.OnFailure(instance, serving_, clock_.Steady(), random_);
  }
  bool Admit(const Instance& instance) { return ejector_.Admit(instance, clock_.Steady()); }

  testing::FakeClock clock_;
  base::SeededRandom random_{1};
  size_t serving_ = 4;
  sdk::Ejector ejector_{EjectionOptions{}};
  const InstancePtr a_ = Incarnation("a"), b_ = Incarnation("b"), c_ = Incarnation("c");
};

TEST_F(EjectorTest, SetsAsideAfterFailuresInARow) {
  Fail(2, *a_);
  EXPECT_TRUE(Admit(*a_));
  ejector_.OnSuccess(*a_);
  Fail(2, *a_);
  EXPECT_TRUE(Admit(*a_));
  Fail(1, *a_);
  EXPECT_FALSE(Admit(*a_));
  EXPECT_THAT(ejector_.Aside(clock_.Steady()), ElementsAre("a"));
}

TEST_F(EjectorTest, LetsOneCallTryWhenTheTimeIsOver) {
  Fail(3, *a_);
  clock_.AdvanceBy(absl::Milliseconds(5600));
  EXPECT_TRUE(Admit(*a_));
  EXPECT_FALSE(Admit(*a_));
  ejector_.OnSuccess(*a_);
  EXPECT_TRUE(Admit(*a_));
  EXPECT_TRUE(Admit(*a_));
}

TEST_F(EjectorTest, AFailedTryDoublesTheTime) {
  Fail(3, *a_);
  clock_.AdvanceBy(absl::Milliseconds(5600));
  ASSERT_TRUE(Admit(*a_));
  Fail(1, *a_);
  clock_.AdvanceBy(absl::Milliseconds(9900));
  EXPECT_FALSE(Admit(*a_));
  clock_.AdvanceBy(absl::Milliseconds(1200));
  EXPECT_TRUE(Admit(*a_));
}

TEST_F(EjectorTest, LateAnswersChangeNothing) {
  Fail(3, *a_);
  ejector_.OnSuccess(*a_);
  Fail(5, *a_);
  EXPECT_FALSE(Admit(*a_));
  clock_.AdvanceBy(absl::Milliseconds(5600));
  EXPECT_TRUE(Admit(*a_));
}

TEST_F(EjectorTest, NeverMoreThanTheShareAndNeverTheOnlyOne) {
  Fail(3, *a_);
  Fail(3, *b_);
  Fail(3, *c_);
  EXPECT_THAT(ejector_.Aside(clock_.Steady()), ElementsAre("a", "b"));
  sdk::Ejector lonely{EjectionOptions{}};
  for (int i = 0; i < 9; ++i) lonely.OnFailure(*a_, 1, clock_.Steady(), random_);
  EXPECT_THAT(lonely.Aside(clock_.Steady()), IsEmpty());
}

TEST_F(EjectorTest, ANewProcessBeginsAnew) {
  Fail(3, *a_);
  EXPECT_TRUE(Admit(*Incarnation("a", 2)));
}

TEST_F(EjectorTest, WhoseSuccessorIsThereTakesNobodysRoom) {
  serving_ = 2;
  Fail(3, *a_);
  ejector_.Retain({Incarnation("a", 2), b_});
  EXPECT_THAT(ejector_.Aside(clock_.Steady()), IsEmpty());
  Fail(3, *b_);
  EXPECT_THAT(ejector_.Aside(clock_.Steady()), ElementsAre("b"));
}

TEST_F(EjectorTest, ForgetsWhatIsGone) {
  Fail(3, *a_);
  ejector_.Retain({b_});
  EXPECT_THAT(ejector_.Aside(clock_.Steady()), IsEmpty());
}

TEST(RetryBudgetTest, AllowsAShareOfTheCallsOfTheLastTenSeconds) {
  testing::FakeClock clock;
  sdk::RetryBudget budget({.share = 0.2, .always_per_second = 0});
  EXPECT_FALSE(budget.TryRetry(clock.Steady()));
  for (int i = 0; i < 100; ++i) budget.OnCall(clock.Steady());
  int retries = 0;
  while (budget.TryRetry(clock.Steady())) ++retries;
  EXPECT_NEAR(retries, 20, 1);
  for (int i = 0; i < 100; ++i) budget.OnCall(clock.Steady());
  clock.AdvanceBy(absl::Seconds(11));
  EXPECT_FALSE(budget.TryRetry(clock.Steady()));
}

TEST(RetryBudgetTest, SomeAreAlwaysAllowed) {
  testing::FakeClock clock;
  sdk::RetryBudget budget({.share = 0, .always_per_second = 2});
  int retries = 0;
  while (budget.TryRetry(clock.Steady())) ++retries;
  EXPECT_EQ(retries, 20);
  clock.AdvanceBy(absl::Seconds(11));
  EXPECT_TRUE(budget.TryRetry(clock.Steady()));
}

// Calls, with a caller as the Client makes it.
class CallerTest : public testing::SdkTest {
 protected:
  // The removal of the subscription is a task, and the executor would hold it, and it the executor.
  void TearDown() override {
    cell_ = nullptr;
    Settle();
  }
  void Serve(std::vector<std::string> ids) {
    Start();
    cell_ = core_->Watch("web", {});
    Tell(std::move(ids));
  }
  void Tell(std::vector<std::string> ids) {
    v1::WatchResponse message;
    message.set_id(1);
    message.set_revision(1);
    message.set_store_id("s");
    message.set_snapshot(true);
    message.set_caught_up(true);
    for (const std::string& id : ids) {
      auto& instance = *message.add_updated();
      instance.mutable_spec()->set_id(id);
      instance.set_effective_weight(100);
      instance.set_standing(v1::STANDING_PASSING);
    }
    transport_.watches().back()->Deliver(message);
    Settle();
  }
  Caller MakeCaller(const CallerOptions& options) {
    return Caller(Subscription(cell_), std::make_shared<sdk::CallerCore>(gate_, cell_, options, 7));
  }
  std::shared_ptr<sdk::SubscriptionCell> cell_;
};

TEST_F(CallerTest, RetriesOnAnotherInstance) {
  Serve({"a", "b", "c"});
  const Caller caller = MakeCaller({});
  std::vector<std::string> tried;
  const absl::Status status = caller.Call([&](const Attempt& attempt) {
    tried.push_back(attempt.instance->id);
    return tried.size() < 3 ? absl::UnavailableError("down") : absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(std::set<std::string>(tried.begin(), tried.end()), SizeIs(3));
}

TEST_F(CallerTest, DoesNotRetryAnswersThatAreAnswers) {
  Serve({"a", "b"});
  int calls = 0;
  EXPECT_EQ(MakeCaller({})
                .Call([&](const Attempt&) {
                  ++calls;
                  return absl::NotFoundError("no such user");
                })
                .code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(calls, 1);
}

TEST_F(CallerTest, StopsAfterTheLastAttemptOrTheLastInstance) {
  Serve({"a", "b"});
  int calls = 0;
  const auto fail = [&](const Attempt&) {
    ++calls;
    return absl::UnavailableError("down");
  };
  EXPECT_EQ(MakeCaller({.max_attempts = 9}).Call(fail).message(), "down");
  EXPECT_EQ(calls, 2);
}

TEST_F(CallerTest, AllAttemptsShareOneDeadline) {
  Serve({"a", "b", "c"});
  const Caller caller =
      MakeCaller({.timeout = absl::Seconds(3), .retriable = {absl::StatusCode::kDeadlineExceeded}});
  std::vector<absl::Duration> timeouts;
  EXPECT_EQ(caller
                .Call([&](const Attempt& attempt) {
                  timeouts.push_back(attempt.timeout);
                  EXPECT_EQ(attempt.deadline, clock_->Wall() + attempt.timeout);
                  clock_->AdvanceBy(attempt.timeout);
                  return absl::DeadlineExceededError("slow");
                })
                .code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(timeouts, ElementsAre(absl::Seconds(1), absl::Seconds(1), absl::Seconds(1)));
}

TEST_F(CallerTest, SaysWhenThereIsNobodyToCall) {
  Serve({});
  const absl::Status status = MakeCaller({}).Call([](const Attempt&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "no instance of \"web\" to call (0 registered)");
}

TEST_F(CallerTest, TheFirstCallsWaitForTheFirstView) {
  Start();
  cell_ = core_->Watch("web", {});
  const Caller caller = MakeCaller({});
  std::vector<std::string> called;
  std::vector<absl::Status> done;
  const auto call = [&] {
    caller.CallAsync(
        [&](const Attempt& attempt, const Caller::Done& answer) {
          called.push_back(attempt.instance->id);
          answer(absl::OkStatus());
        },
        [&](absl::Status status) { done.push_back(std::move(status)); });
  };
  call();
  call();
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(done, IsEmpty());
  Tell({"a"});
  EXPECT_THAT(called, ElementsAre("a", "a"));
  EXPECT_THAT(done, ElementsAre(absl::OkStatus(), absl::OkStatus()));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(done, SizeIs(2));
}

TEST_F(CallerTest, NoCallWaitsForLongForARegistryThatIsAway) {
  Start();
  cell_ = core_->Watch("web", {});
  const Caller caller = MakeCaller({.timeout = absl::Seconds(2)});
  std::vector<absl::Status> done;
  const auto call = [&](absl::Duration timeout) {
    caller.CallAsync(
        timeout, [](const Attempt&, const Caller::Done&) { FAIL(); },
        [&](absl::Status status) { done.push_back(std::move(status)); });
  };
  call(absl::Seconds(1));
  call(absl::Minutes(1));
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(done, SizeIs(1));
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(done, SizeIs(2));
  call(absl::Minutes(1));
  ASSERT_THAT(done, SizeIs(3)) << "the first calls have waited long enough";
  for (const absl::Status& status : done) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(status.message(), "nothing is known of \"web\" yet: the registry has not answered");
  }
}

TEST_F(CallerTest, SetsAFailingInstanceAsideAndTriesItAgainLater) {
  Serve({"bad", "good"});
  const Caller caller = MakeCaller({});
  std::map<std::string, int> calls;
  bool broken = true;
  const auto function = [&](const Attempt& attempt) {
    ++calls[attempt.instance->id];
    return broken && attempt.instance->id == "bad" ? absl::UnavailableError("down")
                                                   : absl::OkStatus();
  };
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(caller.Call(function).ok());
  EXPECT_EQ(calls["bad"], 3);
  EXPECT_THAT(caller.SetAside(), ElementsAre("bad"));
  broken = false;
  clock_->AdvanceBy(absl::Seconds(6));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(caller.Call(function).ok());
  EXPECT_NEAR(calls["bad"], 50, 5);
}

TEST_F(CallerTest, RetriesStayWithinTheBudget) {
  Serve({"a", "b", "c", "d"});
  const Caller caller = MakeCaller(
      {.budget = {.share = 0.2, .always_per_second = 0}, .ejection = {.consecutive_failures = 0}});
  int attempts = 0;
  for (int i = 0; i < 1000; ++i) {
    (void)caller.Call([&](const Attempt&) {
      ++attempts;
      return absl::UnavailableError("overloaded");
    });
  }
  EXPECT_NEAR(attempts, 1200, 5);
}

TEST_F(CallerTest, RetriesThatAreNotMadeCostNothing) {
  Serve({"a"});
  const Caller caller = MakeCaller(
      {.budget = {.share = 0.2, .always_per_second = 0}, .ejection = {.consecutive_failures = 0}});
  int attempts = 0;
  const auto fail = [&](const Attempt&) {
    ++attempts;
    return absl::UnavailableError("down");
  };
  for (int i = 0; i < 100; ++i) (void)caller.Call(fail);
  EXPECT_EQ(attempts, 100) << "there is no other to try";
  Tell({"a", "b"});
  for (int i = 0; i < 10; ++i) (void)caller.Call(fail);
  EXPECT_EQ(attempts, 120);
}

TEST_F(CallerTest, AsyncEndsAtTheDeadlineAndDropsTheLateAnswer) {
  Serve({"a", "b"});
  const Caller caller = MakeCaller({.timeout = absl::Seconds(1)});
  Caller::Done late;
  std::vector<absl::Status> answers;
  caller.CallAsync([&](const Attempt&, Caller::Done done) { late = std::move(done); },
                   [&](absl::Status status) { answers.push_back(status); });
  AdvanceBy(absl::Milliseconds(999));
  EXPECT_THAT(answers, IsEmpty());
  AdvanceBy(absl::Milliseconds(1));
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].code(), absl::StatusCode::kDeadlineExceeded);
  late(absl::OkStatus());
  EXPECT_THAT(answers, SizeIs(1));
}

TEST_F(CallerTest, AsyncRetriesWhereTheAnswerComes) {
  Serve({"a", "b"});
  const Caller caller = MakeCaller({});
  std::vector<Caller::Done> waiting;
  std::vector<absl::Status> answers;
  caller.CallAsync([&](const Attempt&, Caller::Done done) { waiting.push_back(std::move(done)); },
                   [&](absl::Status status) { answers.push_back(status); });
  waiting[0](absl::UnavailableError("down"));
  ASSERT_THAT(waiting, SizeIs(2));
  waiting[0](absl::OkStatus());  // A second answer to the same attempt counts for nothing.
  EXPECT_THAT(answers, IsEmpty());
  waiting[1](absl::OkStatus());
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_TRUE(answers[0].ok());
  AdvanceBy(absl::Seconds(5));
  EXPECT_THAT(answers, SizeIs(1));  // Nor does the deadline, which was called off.
}

TEST_F(CallerTest, GoesOnFromTheLastViewWhenTheClientIsGone) {
  Serve({"a"});
  const Caller caller = MakeCaller({});
  core_ = nullptr;
  EXPECT_TRUE(caller.Call([](const Attempt&) { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace rollcall
