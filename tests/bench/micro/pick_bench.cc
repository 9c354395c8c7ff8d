// Choosing an instance for a call, beside the least that could be done: reading one by its index.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rollcall/picker.h"

namespace rollcall {
namespace {

ServiceView View(int instances) {
  std::vector<InstancePtr> all;
  for (int i = 0; i < instances; ++i) {
    Instance instance;
    instance.service = "web";
    instance.id = absl::StrCat("web-", 1000 + i);
    instance.weight = 50 + static_cast<uint32_t>(i % 3) * 50;
    instance.standing = Standing::kPassing;
    all.push_back(std::make_shared<const Instance>(instance));
  }
  return ServiceView("web", std::move(all), {});
}

// What a picker adds to this is its choice; both take a reference to what they chose.
void BM_IndexedRead(benchmark::State& state) {
  const ServiceView view = View(static_cast<int>(state.range(0)));
  const std::vector<InstancePtr>& serving = view.serving();
  size_t next = 0;
  for (auto _ : state) {
    InstancePtr chosen = serving[next++ % serving.size()];
    benchmark::DoNotOptimize(chosen);
  }
}
BENCHMARK(BM_IndexedRead)->Arg(10)->Arg(100)->Arg(1000)->ThreadRange(1, 2);

void Pick(benchmark::State& state, PickPolicy policy) {
  static std::shared_ptr<Picker> picker;
  if (state.thread_index() == 0) {
    PickerOptions options;
    options.policy = policy;
    options.seed = 1;
    picker = Picker::Make(View(static_cast<int>(state.range(0))), options);
  }
  for (auto _ : state) {
    Picked picked = picker->Pick();
    benchmark::DoNotOptimize(picked);
  }
}
#define ROLLCALL_PICK(name, policy)                                       \
  void name(benchmark::State& state) { Pick(state, PickPolicy::policy); } \
  BENCHMARK(name)->Arg(10)->Arg(100)->Arg(1000)->ThreadRange(1, 2)
ROLLCALL_PICK(BM_PickRoundRobin, kRoundRobin);
ROLLCALL_PICK(BM_PickSmoothWeighted, kSmoothWeighted);
ROLLCALL_PICK(BM_PickWeightedRandom, kWeightedRandom);
ROLLCALL_PICK(BM_PickLeastOutstanding, kLeastOutstanding);

}  // namespace
}  // namespace rollcall
