#include "tests/sim/workload/planner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/faults/verb.h"

namespace rollcall::sim {
namespace {

struct Shape {
  size_t rounds;
  size_t most_faults;
  size_t most_work;
  absl::Duration most_pause;
};

class Planner {
 public:
  Planner(uint64_t seed, Shape shape) : seed_(seed), random_(seed * 31 + 7), shape_(shape) {}

  void Fleet(const std::string& service, size_t count, int zones, const std::string& watches,
             size_t watchers) {
    plan_.Add(absl::ZeroDuration(),
              {"fleet", service, absl::StrCat(count), absl::StrCat("zones=", zones),
               absl::StrCat("watches=", watches), absl::StrCat("watchers=", watchers)});
    for (size_t i = 0; i < count; ++i) instances_.push_back(absl::StrCat(service, "/", i));
    zones_ = std::max(zones_, zones);
  }
  void Callers(const std::string& service, size_t count, int zones) {
    plan_.Add(absl::ZeroDuration(),
              {"callers", service, absl::StrCat(count), absl::StrCat("zones=", zones)});
  }
  base::Random& random() { return random_; }
  // Draws nothing, and every other seed goes on as it did before there were readers.
  void Readers(uint64_t seed, const std::string& every) {
    if (seed % 2 == 0) plan_.Add(absl::ZeroDuration(), {"latest", "every", every});
  }

  Plan Make() {
    at_ = absl::Seconds(3);
    for (size_t i = 0; i < shape_.rounds; ++i) Round();
    if (seed_ % 2 == 0) AddLater(Verb::Kind::kAdded);
    // No seed that failed once.
    if (seed_ % 7 == 1 || seed_ % 7 == 2) AddLater(Verb::Kind::kNewer);
    plan_.end = std::max(at_, last_);
    plan_.Sort();
    return std::move(plan_);
  }

 private:
  void Round() {
    const absl::Duration begin = at_;
    const size_t faults = random_.Below(shape_.most_faults + 1);
    const size_t work = random_.Below(shape_.most_work + 1);
    for (size_t i = 0; i < faults; ++i) Add(begin, Verb::Kind::kFault, absl::Seconds(12));
    for (size_t i = 0; i < work; ++i) Add(begin, Verb::Kind::kWork, absl::Seconds(25));
    at_ = begin + absl::Seconds(10) + random_.Between(absl::ZeroDuration(), shape_.most_pause);
  }
  void Add(absl::Duration begin, Verb::Kind kind, absl::Duration within) {
    const absl::Duration at = begin + random_.Between(absl::ZeroDuration(), within);
    const Verb& verb = DrawVerb(kind);
    Words words = verb.draw({random_, kNodes, instances_, zones_});
    absl::Duration until = at;
    if (!words.empty() && words.size() > 1 && words[words.size() - 2] == "for") {
      until += DurationOf(words);
    }
    last_ = std::max(last_, until + absl::Seconds(1));
    words.insert(words.begin(), verb.name);
    plan_.Add(at, std::move(words));
  }
  void AddLater(Verb::Kind kind) {
    const absl::Duration end = at_;
    for (uint64_t left = random_.Below(2 * shape_.rounds); left > 0; --left) {
      const absl::Duration at = random_.Between(absl::Seconds(3), end);
      Add(at, kind, absl::Seconds(1));
    }
  }
  const Verb& DrawVerb(Verb::Kind kind) {
    uint64_t shares = 0;
    for (const Verb* verb : AllVerbs()) shares += verb->kind == kind ? verb->share : 0;
    uint64_t left = random_.Below(shares);
    for (const Verb* verb : AllVerbs()) {
      if (verb->kind != kind) continue;
      if (left < static_cast<uint64_t>(verb->share)) return *verb;
      left -= verb->share;
    }
    return *AllVerbs().front();
  }

  static constexpr int kNodes = 3;
  const uint64_t seed_;
  base::SeededRandom random_;
  const Shape shape_;
  Plan plan_;
  std::vector<std::string> instances_;
  int zones_ = 1;
  absl::Duration at_;
  absl::Duration last_;
};

}  // namespace

bool IsProfile(const std::string& profile) { return profile == "small" || profile == "fleet"; }

Plan MakePlan(uint64_t seed, const std::string& profile) {
  if (profile == "fleet") {
    Planner planner(seed, {2, 2, 12, absl::Seconds(60)});
    planner.Fleet("web", 150, 3, "db", 0);
    planner.Fleet("db", 50, 3, "web", 20);
    planner.Callers("web", 20, 3);
    planner.Readers(seed, "2");
    return planner.Make();
  }
  Planner planner(seed, {4, 3, 6, absl::Seconds(80)});
  base::Random& random = planner.random();
  const int zones = 1 + static_cast<int>(random.Below(3));
  const size_t web = 3 + random.Below(6);
  planner.Fleet("web", web, zones, "web", web);
  if (random.Below(2) == 0) planner.Fleet("db", 1 + random.Below(3), zones, "web", 2);
  if (random.Below(2) == 0) planner.Callers("web", 1 + random.Below(3), zones);
  planner.Readers(seed, "2");
  return planner.Make();
}

}  // namespace rollcall::sim
