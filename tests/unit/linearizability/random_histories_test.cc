// Histories made by objects that do one thing at a time, by clients that overlap, some of whom
// never hear what became of their operation: the checker accepts them all. With one answer changed
// it says what trying all orders says.
//
// The objects are written anew here, so that model and object do not share a mistake.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "tests/linearizability/checker.h"
#include "tests/linearizability/instance_model.h"
#include "tests/linearizability/override_model.h"
#include "tests/unit/linearizability/any_order.h"
#include "tests/unit/linearizability/number_model.h"

namespace rollcall::linearizability {
namespace {

constexpr uint64_t kSteps = 1'000'000;
constexpr int kSmall = 7;
constexpr int kLarge = 120;

class Number {
 public:
  using Model = NumberModel;
  explicit Number(base::Random& random) : random_(random) {}
  NumberCall Ask() {
    const int value = 1 + static_cast<int>(random_.Below(3));
    return {static_cast<NumberCall::Kind>(random_.Below(3)), value,
            static_cast<int>(random_.Below(4))};
  }
  void Do(NumberCall& call) {
    switch (call.kind) {
      case NumberCall::Kind::kRead:
        call.value = value_;
        return;
      case NumberCall::Kind::kSwap:
        call.done = value_ == call.expected;
        if (call.done) value_ = call.value;
        return;
      case NumberCall::Kind::kWrite:
        value_ = call.value;
    }
  }
  static void Falsify(NumberCall& call, base::Random& random) {
    if (call.kind == NumberCall::Kind::kSwap) {
      call.done = !call.done;
    } else {
      call.value = static_cast<int>(random.Below(4));
    }
  }

 private:
  base::Random& random_;
  int value_ = 0;
};

class Instance {
 public:
  using Model = InstanceModel;
  explicit Instance(base::Random& random) : random_(random) {}
  InstanceCall Ask() {
    InstanceCall call{static_cast<InstanceCall::Kind>(random_.Below(7))};
    if (call.kind == InstanceCall::Kind::kRefused) call.kind = InstanceCall::Kind::kGet;
    if (random_.Below(3) == 0) call.kind = InstanceCall::Kind::kRegister;
    if (call.kind == InstanceCall::Kind::kTake || call.kind == InstanceCall::Kind::kGet) {
      return call;
    }
    call.session = absl::StrCat("s", random_.Below(3));
    if (call.kind == InstanceCall::Kind::kRegister) call.spec = absl::StrCat("x", random_.Below(2));
    const bool ends =
        call.kind == InstanceCall::Kind::kDeregister || call.kind == InstanceCall::Kind::kEnd;
    call.whole = ends && random_.Below(2) == 0;
    return call;
  }
  void Do(InstanceCall& call) {
    revision_ += 1 + random_.Below(2);
    call.revision = revision_;
    switch (call.kind) {
      case InstanceCall::Kind::kRegister:
        return Register(call);
      case InstanceCall::Kind::kDeregister:
        if (call.whole) over_.insert(call.session);
        if (owner_ == call.session) owner_.clear();
        return;
      case InstanceCall::Kind::kEnd:
        over_.insert(call.session);
        if (call.whole && owner_ == call.session) owner_.clear();
        return;
      case InstanceCall::Kind::kRemove:
        if (owner_ == call.session) owner_.clear();
        return;
      case InstanceCall::Kind::kTake:
        if (owner_.empty()) {
          call = {InstanceCall::Kind::kGet};  // "There is none."
        } else {
          over_.insert(owner_);
          owner_.clear();
        }
        return;
      default:
        call.epoch = owner_.empty() ? 0 : epoch_;
        call.spec = owner_.empty() ? "" : spec_;
    }
  }
  static void Falsify(InstanceCall& call, base::Random& random) {
    switch (random.Below(4)) {
      case 0:
        call.epoch = call.epoch == 0 ? 1 + random.Below(20) : call.epoch - 1;
        return;
      case 1:
        call.revision = random.Below(20);
        return;
      case 2:
        if (call.kind == InstanceCall::Kind::kRegister) call.kind = InstanceCall::Kind::kRefused;
        if (call.kind == InstanceCall::Kind::kGet) call.spec = call.spec == "x0" ? "x1" : "x0";
        return;
      default:
        if (call.kind == InstanceCall::Kind::kGet) call.epoch = 0;
        if (call.kind == InstanceCall::Kind::kRefused) call.kind = InstanceCall::Kind::kRegister;
    }
  }

 private:
  void Register(InstanceCall& call) {
    if (over_.contains(call.session)) {
      call.kind = InstanceCall::Kind::kRefused;
      return;
    }
    if (owner_ != call.session || spec_ != call.spec) {
      if (!owner_.empty() && owner_ != call.session) over_.insert(owner_);
      owner_ = call.session;
      spec_ = call.spec;
      epoch_ = std::max(epoch_, revision_) + random_.Below(2);
      epoch_ += epoch_ == last_epoch_ ? 1 : 0;
      last_epoch_ = epoch_;
    }
    call.epoch = epoch_;
  }

  base::Random& random_;
  std::string owner_;
  std::string spec_;
  uint64_t epoch_ = 0;
  uint64_t last_epoch_ = 0;
  uint64_t revision_ = 0;
  std::set<std::string> over_;
};

class Override {
 public:
  using Model = OverrideModel;
  explicit Override(base::Random& random) : random_(random) {}
  OverrideCall Ask() {
    OverrideCall call{static_cast<OverrideCall::Kind>(random_.Below(3))};
    call.actor = absl::StrCat("o", random_.Below(kActors));
    if (call.kind == OverrideCall::Kind::kSet) call.what = random_.Below(2) == 0 ? "drain" : "out";
    return call;
  }
  void Do(OverrideCall& call) {
    ++revision_;
    call.revision = revision_;
    if (call.kind == OverrideCall::Kind::kGet) {
      call = stands_;
      call.kind = OverrideCall::Kind::kGet;
    } else if (call.what != stands_.what) {
      stands_ = call.what.empty() ? OverrideCall{OverrideCall::Kind::kSet} : call;
    }
  }
  static void Falsify(OverrideCall& call, base::Random& random) {
    if (random.Below(2) == 0 || call.kind != OverrideCall::Kind::kGet) {
      call.revision = random.Below(12);
    } else {
      call.what = call.what == "drain" ? "" : "drain";
    }
  }

 private:
  // Few: what becomes of many that differ, and of whose outcomes nobody heard, is a long search.
  static constexpr uint64_t kActors = 4;

  base::Random& random_;
  OverrideCall stands_{OverrideCall::Kind::kSet};
  uint64_t revision_ = 0;
};

// Several clients, each of which asks, waits for its answer, and asks again; what is asked for
// takes effect somewhere between. Some do not hear of it, and it takes effect late, or never.
template <typename Object>
class Clients {
 public:
  using Call = typename Object::Model::Call;
  explicit Clients(uint64_t seed) : random_(seed), object_(random_) {}

  std::vector<Operation<Call>> Make(int operations) {
    while (begun_ < operations || !open_.empty()) {
      ++now_;
      const bool begins = begun_ < operations && open_.size() < kClients;
      if (open_.empty() || (begins && random_.Below(2) == 0)) {
        Begin();
      } else {
        GoOn(random_.Below(open_.size()));
      }
    }
    return std::move(history_);
  }
  base::Random& random() { return random_; }

 private:
  static constexpr size_t kClients = 3;
  struct Open {
    Operation<Call> operation;
    bool unheard;
    bool done = false;
  };

  void Begin() {
    ++begun_;
    Open open{{object_.Ask(), now_}, random_.Below(5) == 0};
    if (!Object::Model::Reads(open.operation.call)) {
      open_.push_back(std::move(open));
    } else {
      open.unheard = false;
      open_.push_back(std::move(open));
    }
  }
  void GoOn(size_t i) {
    Open& open = open_[i];
    if (open.unheard && random_.Below(8) == 0) return Close(i);  // Never.
    if (!open.done) {
      // What an unheard one would have answered nobody knows.
      Call answered = open.operation.call;
      object_.Do(answered);
      if (!open.unheard) open.operation.call = std::move(answered);
      open.done = true;
      return;
    }
    if (!open.unheard) open.operation.returned = now_;
    Close(i);
  }
  void Close(size_t i) {
    history_.push_back(std::move(open_[i].operation));
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(i));
  }

  base::SeededRandom random_;
  Object object_;
  Instant now_ = 0;
  int begun_ = 0;
  std::vector<Open> open_;
  std::vector<Operation<Call>> history_;
};

template <typename Object>
class RandomHistoriesTest : public ::testing::Test {
 protected:
  using Model = typename Object::Model;
  using Call = typename Model::Call;

  static std::string Text(const std::vector<Operation<Call>>& history) {
    std::string text;
    for (const auto& operation : history) {
      absl::StrAppend(&text, operation.invoked, " to ",
                      operation.known() ? absl::StrCat(operation.returned) : "?", "  ",
                      Model::Spoken(operation.call, operation.known()), "\n");
    }
    return text;
  }
};

using Objects = ::testing::Types<Number, Instance, Override>;
TYPED_TEST_SUITE(RandomHistoriesTest, Objects);

TYPED_TEST(RandomHistoriesTest, AreAccepted) {
  using Model = typename TypeParam::Model;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto history = Clients<TypeParam>(seed).Make(kLarge);
    const Result result = Checker<Model>(kSteps).Check(history);
    ASSERT_EQ(result.verdict, Verdict::kYes)
        << "seed " << seed << ", " << result.steps << " steps: " << result.why << "\n"
        << this->Text(history);
  }
}

TYPED_TEST(RandomHistoriesTest, WithOneAnswerChangedAreJudgedAsByTryingAllOrders) {
  using Model = typename TypeParam::Model;
  int refused = 0;
  constexpr int kHistories = 4000;
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    Clients<TypeParam> clients(seed);
    auto history = clients.Make(kSmall);
    auto& changed = history[clients.random().Below(history.size())];
    if (changed.known()) TypeParam::Falsify(changed.call, clients.random());
    const bool right = AnyOrder<Model>(history).Explains();
    const Result result = Checker<Model>(kSteps).Check(history);
    ASSERT_EQ(result.verdict, right ? Verdict::kYes : Verdict::kNo)
        << "seed " << seed << ": " << result.why << "\n"
        << this->Text(history);
    refused += right ? 0 : 1;
  }
  // Most changes are seen, and some are none.
  EXPECT_GT(refused, kHistories / 5);
  EXPECT_LT(refused, kHistories);
}

}  // namespace
}  // namespace rollcall::linearizability
