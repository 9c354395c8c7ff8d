// Checker: whether a history of one object is linearizable: whether each operation can be given an
// instant between its invocation and its return, so that one by one, in that order, an object that
// does one thing at a time (the model) would have answered what was answered.
//
// The search is that of Wing and Gong ("Testing and verifying concurrent objects", JPDC 1993) with
// Lowe's improvements ("Testing for linearizability", CCPE 2017): what was linearized and the state
// it led to are remembered, so that no such pair is looked at twice, and an operation is linearized
// just in time, when one returns that needs it. The history is gone through once, in time; after
// each event there is the set of all configurations that explain what was answered so far.
//
// Four more prunings leave the answer as it is:
// - A read whose answer fits is linearized at once: it changes nothing, so nothing is lost by it.
// - Of two configurations that differ only in which operations of unknown outcome they have used,
// the
//   one that used fewer of them can do whatever the other can.
// - Of equal operations of unknown outcome the one that was invoked first is used first.
// - What nobody will act upon any more is forgotten (Model::Forget).
//
// The search takes at most `most_steps` steps (applications of an operation to a state) and says so
// if they were not enough; nothing is known then.
//
// A Model has:
//   Call, State                 State is comparable and hashable; State{} is the beginning.
//   bool Apply(const Call&, bool known, State&)    false: cannot happen in this state, or (known)
//   would
//                               have been answered otherwise; the state is then whatever.
//   bool Reads(const Call&)     it never changes what others see
//   std::string Actor(const Call&)   whose standing in the state matters to it; empty: nobody's
//   void Forget(State&, acts)   drops what only matters to actors of whom acts(actor) is false
//   std::string Spoken(const Call&, bool known), Spoken(const State&)
//                               of an unknown outcome: all that Apply looks at
//
// Pure; needs memory for the configurations of one instant.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/linearizability/operation.h"
#include "tests/linearizability/report.h"
#include "tests/linearizability/slots.h"

namespace rollcall::linearizability {

template <typename Model>
class Checker {
 public:
  using Call = typename Model::Call;
  using State = typename Model::State;
  using Operations = std::vector<Operation<Call>>;

  // `most_steps`: for each history checked.
  explicit Checker(uint64_t most_steps) : most_steps_(most_steps) {}

  Result Check(const Operations& history) const {
    Search search(history, most_steps_);
    Result result{search.Run(), search.steps(), ""};
    if (result.verdict == Verdict::kNo) result.why = Explain(history, search.culprit());
    if (result.verdict == Verdict::kBoundExceeded) result.why = TooMany(result.steps);
    return result;
  }

 private:
  struct Config {
    State state;
    Slots done;   // operations under way that are linearized
    Slots spent;  // those among the ones of unknown outcome
  };

  // Configurations to go on from, those that used least first; each is taken once, and none that
  // another one covers.
  class Frontier {
   public:
    void Add(Config config) {
      std::vector<Slots>& covered = seen_[{config.state, config.done}];
      for (const Slots& other : covered) {
        if (other.IsWithin(config.spent)) return;
      }
      covered.push_back(config.spent);
      const size_t used = config.spent.Count();
      open_[used].push_back(std::move(config));
    }
    bool empty() const { return open_.empty(); }
    Config Take() {
      auto least = open_.begin();
      Config taken = std::move(least->second.back());
      least->second.pop_back();
      if (least->second.empty()) open_.erase(least);
      return taken;
    }
    std::vector<Config> TakeAll() {
      std::vector<Config> all;
      while (!empty()) all.push_back(Take());
      return all;
    }

   private:
    absl::flat_hash_map<std::pair<State, Slots>, std::vector<Slots>> seen_;
    std::map<size_t, std::vector<Config>> open_;
  };

  class Search {
   public:
    static constexpr size_t kNone = SIZE_MAX;

    Search(const Operations& history, uint64_t most_steps)
        : history_(history), most_steps_(most_steps), slot_of_(history.size(), kNone) {
      for (size_t i = 0; i < history.size(); ++i) {
        events_.push_back({history[i].invoked, false, i});
        if (history[i].known()) events_.push_back({history[i].returned, true, i});
        const std::string actor = Model::Actor(history[i].call);
        actors_.push_back(actor);
        if (!actor.empty()) ++to_come_[actor];
      }
      // What happened at one instant overlapped.
      std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
        return a.at != b.at ? a.at < b.at : a.returns < b.returns;
      });
      FindTwins();
      configs_.push_back({});
    }

    // `on_invoke`: before each operation, with the configurations of then.
    Verdict Run(const std::function<void(size_t)>& on_invoke = nullptr) {
      for (const Event& event : events_) {
        if (!event.returns) {
          if (on_invoke) on_invoke(event.operation);
          Invoke(event.operation);
          continue;
        }
        Return(event.operation);
        if (steps_ > most_steps_) return Verdict::kBoundExceeded;
        if (configs_.empty()) {
          culprit_ = event.operation;
          return Verdict::kNo;
        }
      }
      return Verdict::kYes;
    }
    uint64_t steps() const { return steps_; }
    // Whose answer does not fit.
    size_t culprit() const { return culprit_; }
    std::set<std::string> States() const {
      std::set<std::string> states;
      for (const Config& config : configs_) states.insert(Model::Spoken(config.state));
      return states;
    }

   private:
    struct Event {
      Instant at;
      bool returns;
      size_t operation;
    };

    void FindTwins() {
      twin_before_.assign(history_.size(), kNone);
      std::map<std::string, size_t> last;
      for (const Event& event : events_) {
        if (event.returns || history_[event.operation].known()) continue;
        const auto [at, first] =
            last.emplace(Model::Spoken(history_[event.operation].call, false), event.operation);
        if (first) continue;
        twin_before_[event.operation] = at->second;
        at->second = event.operation;
      }
    }

    void Invoke(size_t operation) {
      if (free_.empty()) {
        free_.push_back(pending_.size());
        pending_.push_back(kNone);
      }
      slot_of_[operation] = free_.back();
      free_.pop_back();
      pending_[slot_of_[operation]] = operation;
      if (!actors_[operation].empty()) --to_come_[actors_[operation]];
    }

    void Return(size_t operation) {
      const size_t slot = slot_of_[operation];
      Frontier open;
      Frontier next;
      for (Config& config : configs_) {
        TakeReads(config);
        open.Add(std::move(config));
      }
      while (!open.empty() && steps_ <= most_steps_) {
        Config config = open.Take();
        if (config.done.Has(slot)) {
          config.done.Remove(slot);
          next.Add(std::move(config));
        } else {
          Extend(config, open);
        }
      }
      configs_ = next.TakeAll();
      pending_[slot] = kNone;
      free_.push_back(slot);
    }

    // By each operation under way that can come next.
    void Extend(const Config& config, Frontier& open) {
      for (size_t slot = 0; slot < pending_.size(); ++slot) {
        if (pending_[slot] == kNone || config.done.Has(slot) || config.spent.Has(slot)) continue;
        const size_t twin = twin_before_[pending_[slot]];
        if (twin != kNone && !config.spent.Has(slot_of_[twin])) continue;
        const Operation<Call>& operation = history_[pending_[slot]];
        Config after = config;
        ++steps_;
        if (!Model::Apply(operation.call, operation.known(), after.state)) continue;
        if (operation.known()) {
          after.done.Add(slot);
        } else {
          // It took effect, and that is nothing: as well it did not.
          if (after.state == config.state) continue;
          after.spent.Add(slot);
        }
        TakeReads(after);
        open.Add(std::move(after));
      }
    }

    void TakeReads(Config& config) {
      for (size_t slot = 0; slot < pending_.size(); ++slot) {
        if (pending_[slot] == kNone || config.done.Has(slot)) continue;
        const Operation<Call>& operation = history_[pending_[slot]];
        if (!operation.known() || !Model::Reads(operation.call)) continue;
        State after = config.state;
        ++steps_;
        if (Model::Apply(operation.call, true, after) && after == config.state) {
          config.done.Add(slot);
        }
      }
      Model::Forget(config.state, [&](const std::string& actor) { return Acts(actor, config); });
    }

    bool Acts(const std::string& actor, const Config& config) const {
      const auto at = to_come_.find(actor);
      if (at != to_come_.end() && at->second > 0) return true;
      for (size_t slot = 0; slot < pending_.size(); ++slot) {
        if (pending_[slot] == kNone || actors_[pending_[slot]] != actor) continue;
        if (!config.done.Has(slot) && !config.spent.Has(slot)) return true;
      }
      return false;
    }

    const Operations& history_;
    const uint64_t most_steps_;
    std::vector<Event> events_;
    std::vector<std::string> actors_;        // by operation
    std::map<std::string, size_t> to_come_;  // operations not yet invoked, by actor
    std::vector<size_t> twin_before_;        // by operation
    std::vector<size_t> slot_of_;            // by operation
    std::vector<size_t> pending_;            // operations by slot
    std::vector<size_t> free_;
    std::vector<Config> configs_;
    uint64_t steps_ = 0;
    size_t culprit_ = kNone;
  };

  // Only what overlaps the operation whose answer fits nowhere can be reordered with it; and of
  // that, only what cannot be left out.
  std::string Explain(const Operations& history, size_t culprit) const {
    Explanation explanation;
    Search search(history, most_steps_);
    search.Run([&](size_t operation) {
      if (operation == culprit) explanation.states = search.States();
    });
    const Operation<Call>& wrong = history[culprit];
    std::vector<size_t> left_out;
    for (size_t i = 0; i < history.size(); ++i) {
      const Operation<Call>& other = history[i];
      if (i == culprit || other.invoked > wrong.returned) continue;
      const std::string line = Line(other.invoked, other.returned,
                                    Model::Spoken(other.call, other.known()), other.known());
      if (other.returned < wrong.invoked) {
        explanation.before.emplace(other.returned, line);
      } else if (!Model::Reads(other.call) || !CanGo(history, culprit, i, left_out)) {
        explanation.window.push_back(line);
      }
    }
    explanation.culprit =
        Line(wrong.invoked, wrong.returned, Model::Spoken(wrong.call, true), true);
    return explanation.Text();
  }

  // The history is wrong in the same place without this read, and those left out before.
  bool CanGo(const Operations& history, size_t culprit, size_t read,
             std::vector<size_t>& left_out) const {
    left_out.push_back(read);
    Operations fewer;
    size_t moved = 0;
    for (size_t i = 0; i < history.size(); ++i) {
      if (std::find(left_out.begin(), left_out.end(), i) != left_out.end()) continue;
      if (i == culprit) moved = fewer.size();
      fewer.push_back(history[i]);
    }
    Search search(fewer, most_steps_);
    if (search.Run() == Verdict::kNo && search.culprit() == moved) return true;
    left_out.pop_back();
    return false;
  }

  const uint64_t most_steps_;
};

// Each key for itself; the first that is not linearizable, or whose search was too long, by name.
template <typename Model>
Result CheckAll(const History<typename Model::Call>& history, uint64_t most_steps_per_key) {
  Result all;
  const Checker<Model> checker(most_steps_per_key);
  for (const auto& [key, operations] : history) {
    const Result one = checker.Check(operations);
    all.steps += one.steps;
    if (one.verdict == Verdict::kYes) continue;
    all.verdict = one.verdict;
    all.why = key + ": " + one.why;
    return all;
  }
  return all;
}

}  // namespace rollcall::linearizability
