// The SDK's Caller calls nobody whom its view says is out, sets aside who fails and lets them back
// in time, keeps its retry budget, and gives up only when there is nothing left to try.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/sim/oracles/all.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

// Passing; suspect too, if fewer than 0.3 of those that take calls or might pass.
std::vector<InstancePtr> MayBeCalled(const ServiceView& view) {
  size_t passing = 0;
  size_t all = 0;
  for (const InstancePtr& i : view.instances()) {
    passing += i->standing == Standing::kPassing;
    all += i->standing == Standing::kPassing || i->standing == Standing::kSuspect ||
           i->standing == Standing::kCritical;
  }
  std::vector<InstancePtr> may;
  for (const InstancePtr& i : view.instances()) {
    const bool panic = 10 * passing < 3 * all && i->standing == Standing::kSuspect;
    if (i->standing == Standing::kPassing || panic) may.push_back(i);
  }
  return may;
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Calls final : public Oracle {
 public:
  explicit Calls(Findings& findings) : Oracle("calls", findings) {}

  void OnCalling(const World& world, const MadeCall& call) override {
    callers_[&call.caller].calls.push_back(world.now());
  }
  void OnTried(const World& world, const MadeCall& call) override {
    Known& known = Look(world, call.caller, /*has_just_chosen=*/true);
    CheckChosen(call, known, known.may);
    if (call.tries.size() > 1) CheckRetry(world, call, known);
    CheckTurns(call, known, known.may);
  }
  void OnCalled(const World& world, const MadeCall& call) override {
    if (!call.caller.alive) return;
    Known& known = Look(world, call.caller);
    // What came of the last try is told to the caller before the call ends.
    if (call.outcome.ok()) {
      const std::string& id = call.tries.back().instance->id;
      const auto was = known.aside.find(id);
      const bool tried_again = was != known.aside.end() && !was->second.since &&
                               was->second.until <= call.tries.back().began;
      if (tried_again) known.aside.erase(was);
    } else if (call.caller.client->stops() == call.stops && !call.caller.client->frozen()) {
      CheckGivenUp(world, call, known);
    }
  }
  void OnTick(const World& world) override {
    for (auto& [process, known] : callers_) {
      if (process->alive && !process->stopping && !known.aside.empty()) Look(world, *process);
    }
  }

 private:
  struct Aside {
    uint64_t lease_epoch = 0;
    // Without a success in between.
    int times = 0;
    // Nullopt: not now, but since `until`.
    std::optional<base::Instant> since;
    base::Instant until;
  };
  struct Known {
    std::deque<base::Instant> calls, retries;
    std::map<std::string, Aside> aside;
    std::vector<std::string> aside_now;
    // Since neither view nor who is aside has changed.
    ViewPtr view;
    std::vector<InstancePtr> may;  // be called, by that view
    std::map<std::string, int> turns;
    size_t turns_of_all = 0;
  };
  static constexpr absl::Duration kTick = absl::Milliseconds(250);
  static constexpr absl::Duration kBudgetWindow = absl::Seconds(10);

  // Notes who is aside now, and that nobody is for too long. What a caller says of it belongs to
  // the view by which it last chose.
  Known& Look(const World& world, const Process& caller, bool has_just_chosen = false) {
    Known& known = callers_[&caller];
    const ViewPtr view = caller.client->view();
    if (!has_just_chosen && view != known.view) return known;
    const std::vector<std::string> now = caller.client->caller().SetAside();
    if (view != known.view || now != known.aside_now) {
      known.turns.clear();
      known.turns_of_all = 0;
    }
    for (const std::string& id : now) {
      const Instance* instance = view->Find(id);
      const uint64_t epoch = instance == nullptr ? 0 : instance->lease_epoch;
      Aside& aside = known.aside[id];
      if (aside.lease_epoch != epoch) aside = {.lease_epoch = epoch};
      if (!aside.since) {
        aside.since = world.now();
        ++aside.times;
      }
      if (world.now() - *aside.since > Longest(caller, aside.times) && instance != nullptr) {
        Wrong(absl::StrCat(caller.name, " has set ", id, " aside for ",
                           absl::FormatDuration(world.now() - *aside.since), ", the ", aside.times,
                           ". time; it sees ", caller.client->View()));
      }
    }
    for (auto& [id, aside] : known.aside) {
      if (!aside.since || Holds(now, id)) continue;
      aside.since.reset();
      aside.until = world.now();
    }
    if (view != known.view) known.may = MayBeCalled(*view);
    known.view = view;
    known.aside_now = now;
    return known;
  }
  static absl::Duration Longest(const Process& caller, int times) {
    const EjectionOptions& options = caller.client->caller_options().ejection;
    const double doubled = std::exp2(std::min(times - 1, 20));
    return std::min(options.first_time * doubled, options.longest_time) * 1.1 + kTick;
  }

  void CheckChosen(const MadeCall& call, const Known& known, const std::vector<InstancePtr>& may) {
    const Instance& chosen = *call.tries.back().instance;
    const auto of = [&](const char* what) {
      return absl::StrCat(call.caller.name, " calls ", chosen.id, ", ", what, "; it sees ",
                          call.caller.client->View(), ", aside ",
                          absl::StrJoin(known.aside_now, " "));
    };
    const bool fits =
        std::any_of(may.begin(), may.end(), [&](const auto& i) { return i.get() == &chosen; });
    if (!fits) Wrong(of("which is out"));
    for (size_t i = 0; i + 1 < call.tries.size(); ++i) {
      if (call.tries[i].instance->id == chosen.id) Wrong(of("which it has tried"));
    }
    if (!Holds(known.aside_now, chosen.id)) return;
    for (const InstancePtr& other : may) {
      if (!Tried(call, other->id) && !known.aside.contains(other->id)) {
        Wrong(of(absl::StrCat("which is aside, and not ", other->id).c_str()));
      }
    }
  }
  static bool Tried(const MadeCall& call, const std::string& id) {
    return std::any_of(call.tries.begin(), call.tries.end(),
                       [&](const auto& t) { return t.instance->id == id; });
  }

  void CheckRetry(const World& world, const MadeCall& call, Known& known) {
    known.retries.push_back(world.now());
    const RetryBudgetOptions& budget = call.caller.client->caller_options().budget;
    const double may =
        budget.share * static_cast<double>(Since(known.calls, world.now() - kBudgetWindow)) +
        budget.always_per_second * absl::ToDoubleSeconds(kBudgetWindow);
    // What was paid in expires with its second.
    const size_t made = Since(known.retries, world.now() - kBudgetWindow + absl::Seconds(1));
    if (static_cast<double>(made) > may + 1e-9) {
      Wrong(absl::StrCat(call.caller.name, " made ", made, " retries, and may make ", may));
    }
  }
  // Later than `from`; forgets what nobody asks for any more.
  static size_t Since(std::deque<base::Instant>& times, base::Instant from) {
    while (!times.empty() && times.front() + 2 * kBudgetWindow < from) times.pop_front();
    return static_cast<size_t>(times.end() - std::upper_bound(times.begin(), times.end(), from));
  }

  // Who is not aside has his turn: at once after he was, too.
  void CheckTurns(const MadeCall& call, Known& known, const std::vector<InstancePtr>& may) {
    const PickPolicy policy = call.caller.client->caller_options().picker.policy;
    if (policy != PickPolicy::kRoundRobin && policy != PickPolicy::kSmoothWeighted) return;
    ++known.turns[call.tries.back().instance->id];
    if (++known.turns_of_all < 8 * may.size()) return;
    uint64_t weights = 0;
    for (const InstancePtr& instance : may) weights += instance->weight;
    for (const InstancePtr& instance : may) {
      // Who weighs little has few turns.
      if (known.turns_of_all * instance->weight < 2 * weights) continue;
      if (known.turns.contains(instance->id) || Holds(known.aside_now, instance->id)) continue;
      Wrong(absl::StrCat(call.caller.name, " never calls ", instance->id, " in ",
                         known.turns_of_all, " turns; it sees ", call.caller.client->View()));
    }
    known.turns.clear();
    known.turns_of_all = 0;
  }

  void CheckGivenUp(const World& world, const MadeCall& call, Known& known) {
    const auto may = MayBeCalled(*call.caller.client->view());
    const auto wrong = [&](const char* why) {
      Wrong(absl::StrCat(call.caller.name, "'s call failed after ",
                         absl::FormatDuration(world.now() - call.began), ", ", why, ": ",
                         std::string(call.outcome.message()), "; it sees ",
                         call.caller.client->View(), ", tried ",
                         absl::StrJoin(call.tries, " ", [](std::string* out, const auto& t) {
                           absl::StrAppend(out, t.instance->id);
                         })));
    };
    const CallerOptions& options = call.caller.client->caller_options();
    if (world.now() - call.began > options.timeout) wrong("too late");
    if (world.now() - call.began == options.timeout) return;
    const bool left =
        std::any_of(may.begin(), may.end(), [&](const auto& i) { return !Tried(call, i->id); });
    if (call.tries.empty()) {
      if (left) wrong("and nobody was tried");
      return;
    }
    const bool retriable = std::find(options.retriable.begin(), options.retriable.end(),
                                     call.outcome.code()) != options.retriable.end();
    if (!retriable || !left || static_cast<int>(call.tries.size()) >= options.max_attempts) return;
    const double may_retry =
        options.budget.share * static_cast<double>(Since(
                                   known.calls, world.now() - kBudgetWindow + absl::Seconds(1))) +
        options.budget.always_per_second * absl::ToDoubleSeconds(kBudgetWindow);
    const size_t made = Since(known.retries, world.now() - kBudgetWindow);
    if (static_cast<double>(made) + 1 < may_retry - 1e-3) {
      wrong(
          absl::StrCat("and it might have tried another (", made, " retries, may ", may_retry, ")")
              .c_str());
    }
  }

  std::map<const Process*, Known> callers_;
};

}  // namespace

std::unique_ptr<Oracle> MakeCalls(Findings& findings) { return std::make_unique<Calls>(findings); }

}  // namespace rollcall::sim
