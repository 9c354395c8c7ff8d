// Pickers, judged by counting with fixed seeds.
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/candidates.h"
#include "client-sdk/src/smooth_weights.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rollcall/picker.h"

namespace rollcall {
namespace {

using ::testing::ElementsAre;

InstancePtr Weighing(const std::string& id, uint32_t weight, Locality locality = {}) {
  auto instance = std::make_shared<Instance>();
  instance->id = id;
  instance->weight = weight;
  instance->standing = Standing::kPassing;
  instance->locality = std::move(locality);
  return instance;
}

ServiceView View(std::vector<InstancePtr> instances) {
  return ServiceView("web", std::move(instances), {});
}

// a:1 b:3 c:6
ServiceView Weighted() {
  return View({Weighing("a", 100), Weighing("b", 300), Weighing("c", 600)});
}

std::map<std::string, int> Count(Picker& picker, int picks) {
  std::map<std::string, int> counts;
  for (int i = 0; i < picks; ++i) ++counts[picker.Pick()->id];
  return counts;
}

class EveryPicker : public ::testing::TestWithParam<PickPolicy> {
 protected:
  std::shared_ptr<Picker> Make(const ServiceView& view) {
    return Picker::Make(view, {.policy = GetParam(), .seed = 42});
  }
};

TEST_P(EveryPicker, PicksNothingFromNothing) { EXPECT_FALSE(Make(View({}))->Pick()); }

TEST_P(EveryPicker, PicksTheOnlyOne) { EXPECT_EQ(Make(View({Weighing("a", 5)}))->Pick()->id, "a"); }

TEST_P(EveryPicker, NeverPicksWeightZeroWhileAnotherCanBe) {
  auto picker = Make(View({Weighing("a", 0), Weighing("b", 1), Weighing("c", 0)}));
  EXPECT_EQ(Count(*picker, 1000)["b"], 1000);
}

TEST_P(EveryPicker, PicksEquallyAmongWeightZeroIfThereIsNothingElse) {
  auto picker = Make(View({Weighing("a", 0), Weighing("b", 0)}));
  EXPECT_NEAR(Count(*picker, 1000)["a"], 500, 60);
}

TEST_P(EveryPicker, PickExceptAvoidsAndIsEmptyWhenNothingIsLeft) {
  auto picker = Make(Weighted());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(picker->PickExcept([](const Instance& x) { return x.id != "a"; })->id, "a");
  }
  EXPECT_FALSE(picker->PickExcept([](const Instance&) { return true; }));
}

TEST_P(EveryPicker, ManyThreadsMayPick) {
  auto picker = Make(Weighted());
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> picked = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) picked += picker->Pick() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(picked, 8000);
}

INSTANTIATE_TEST_SUITE_P(All, EveryPicker,
                         ::testing::Values(PickPolicy::kRoundRobin, PickPolicy::kSmoothWeighted,
                                           PickPolicy::kWeightedRandom,
                                           PickPolicy::kLeastOutstanding));

TEST(RoundRobinTest, GoesInTurn) {
  auto picker = Picker::Make(Weighted(), {.policy = PickPolicy::kRoundRobin, .seed = 3});
  EXPECT_EQ(picker->Pick()->id, "a");
  EXPECT_EQ(picker->Pick()->id, "b");
  EXPECT_EQ(picker->Pick()->id, "c");
  EXPECT_EQ(picker->Pick()->id, "a");
}

TEST(SmoothWeightsTest, SpreadsTurnsAsNginxDoes) {
  sdk::SmoothWeights turns({5, 1, 1});
  std::vector<size_t> got;
  got.reserve(7);
  for (int i = 0; i < 7; ++i) got.push_back(turns.Next());
  EXPECT_THAT(got, ElementsAre(0, 0, 1, 0, 2, 0, 0));
}

TEST(SmoothWeightedTest, IsExactOverAPeriod) {
  auto picker = Picker::Make(Weighted(), {.policy = PickPolicy::kSmoothWeighted, .seed = 7});
  auto counts = Count(*picker, 1000);
  EXPECT_EQ(counts["a"], 100);
  EXPECT_EQ(counts["b"], 300);
  EXPECT_EQ(counts["c"], 600);
}

TEST(WeightedRandomTest, FollowsTheWeights) {
  auto picker = Picker::Make(Weighted(), {.policy = PickPolicy::kWeightedRandom, .seed = 7});
  auto counts = Count(*picker, 100000);
  EXPECT_NEAR(counts["a"], 10000, 400);  // 4 standard deviations.
  EXPECT_NEAR(counts["b"], 30000, 600);
  EXPECT_NEAR(counts["c"], 60000, 650);
}

TEST(WeightedRandomTest, IsRightForManyUnevenWeights) {
  std::vector<InstancePtr> instances;
  double total = 0;
  for (uint32_t i = 1; i <= 50; ++i) {
    instances.push_back(Weighing(absl::StrCat(i), i * i));
    total += i * i;
  }
  auto picker = Picker::Make(View(instances), {.policy = PickPolicy::kWeightedRandom, .seed = 11});
  constexpr int kPicks = 500000;
  auto counts = Count(*picker, kPicks);
  for (const InstancePtr& instance : instances) {
    const double expected = kPicks * instance->weight / total;
    EXPECT_NEAR(counts[instance->id], expected, 5 * std::sqrt(expected) + 1) << instance->id;
  }
}

TEST(LeastOutstandingTest, FollowsTheWeightsWhenNothingIsInHand) {
  auto picker = Picker::Make(Weighted(), {.policy = PickPolicy::kLeastOutstanding, .seed = 7});
  auto counts = Count(*picker, 100000);
  EXPECT_NEAR(counts["a"], 10000, 400);
  EXPECT_NEAR(counts["c"], 60000, 650);
}

TEST(LeastOutstandingTest, KeepsTheCallsInHandInProportionToTheWeights) {
  auto picker = Picker::Make(Weighted(), {.policy = PickPolicy::kLeastOutstanding, .seed = 7});
  std::vector<Picked> held;
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) {
    held.push_back(picker->Pick());
    ++counts[held.back()->id];
  }
  EXPECT_NEAR(counts["a"], 100, 20);
  EXPECT_NEAR(counts["b"], 300, 30);
}

TEST(LeastOutstandingTest, AvoidsTheSlowOne) {
  auto picker = Picker::Make(View({Weighing("slow", 100), Weighing("fast", 100)}),
                             {.policy = PickPolicy::kLeastOutstanding, .seed = 7});
  std::vector<Picked> stuck;
  int slow = 0;
  for (int i = 0; i < 1000; ++i) {
    Picked picked = picker->Pick();
    if (picked->id != "slow") continue;
    ++slow;
    stuck.push_back(std::move(picked));  // Never answers.
  }
  EXPECT_LT(slow, 60);
}

TEST(LeastOutstandingTest, TheNextPickerKnowsTheCallsInHand) {
  const PickerOptions options{.policy = PickPolicy::kLeastOutstanding, .seed = 7};
  auto first = Picker::Make(View({Weighing("a", 1)}), options);
  std::vector<Picked> held;
  held.reserve(10);
  for (int i = 0; i < 10; ++i) held.push_back(first->Pick());
  auto second = Picker::Make(View({Weighing("a", 1), Weighing("b", 1)}), options, first.get());
  auto counts = Count(*second, 100);
  EXPECT_GT(counts["b"], 85);
}

TEST(CandidatesTest, PrefersTheNearestGroupThatIsLargeEnough) {
  const Locality here{"eu", "eu-1", "rack-1"};
  const ServiceView view =
      View({Weighing("rack", 1, here), Weighing("zone1", 1, {"eu", "eu-1", "rack-2"}),
            Weighing("region", 1, {"eu", "eu-2", ""}), Weighing("far", 1, {"us", "us-1", ""})});
  const auto ids = [&](size_t at_least) {
    std::vector<std::string> ids;
    for (const auto& i : sdk::Candidates(view, {.near = here, .near_at_least = at_least})) {
      ids.push_back(i->id);
    }
    return ids;
  };
  EXPECT_THAT(ids(1), ElementsAre("rack"));
  EXPECT_THAT(ids(2), ElementsAre("rack", "zone1"));
  EXPECT_THAT(ids(3), ElementsAre("rack", "region", "zone1"));
  EXPECT_EQ(ids(9).size(), 4u);
}

TEST(CandidatesTest, AvoidsOnlyAsLongAsOthersRemain) {
  const ServiceView view = View({Weighing("a", 1), Weighing("b", 1)});
  EXPECT_EQ(sdk::Candidates(view, {.avoid = [](const Instance& i) { return i.id == "a"; }}).size(),
            1u);
  EXPECT_EQ(sdk::Candidates(view, {.avoid = [](const Instance&) { return true; }}).size(), 2u);
}

}  // namespace
}  // namespace rollcall
