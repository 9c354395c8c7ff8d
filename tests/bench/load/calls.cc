#include "tests/bench/load/calls.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

// Held by those who call; calls that end after it is gone are not counted.
class Calling : public std::enable_shared_from_this<Calling> {
 public:
  Calling(Loop& loop, Caller& caller, uint64_t& next) : loop_(loop), caller_(caller), next_(next) {}

  // `then` is called after the end of a call.
  void Begin(absl::Time intended, std::function<void()> then) {
    ++running_;
    caller_.Call(next_++, [weak = weak_from_this(), intended,
                           then = std::move(then)](absl::string_view error) {
      const std::shared_ptr<Calling> self = weak.lock();
      if (self == nullptr) return;
      --self->running_;
      self->Ended(error, absl::Now() - intended);
      then();
    });
  }
  CallsResult Finish() {
    if (!loop_.RunUntil([this] { return running_ == 0; }, kPatience)) {
      integration::Fail("calls were not answered");
    }
    result_.took = absl::Now() - begun_;
    return std::move(result_);
  }

 private:
  void Ended(absl::string_view error, absl::Duration latency) {
    if (error.empty()) {
      ++result_.done;
      result_.latencies.Add(latency);
      return;
    }
    if (result_.failed++ == 0) result_.first_error = std::string(error);
  }

  Loop& loop_;
  Caller& caller_;
  uint64_t& next_;
  const absl::Time begun_ = absl::Now();
  int running_ = 0;
  CallsResult result_;
};

class FunctionCaller final : public Caller {
 public:
  explicit FunctionCaller(CallFunction call) : call_(std::move(call)) {}
  void Call(uint64_t n, Done done) override { call_(n, std::move(done)); }

 private:
  const CallFunction call_;
};

}  // namespace

CallsResult KeepCalling(Loop& loop, Caller& caller, int outstanding, absl::Duration time,
                        uint64_t& next) {
  const auto calling = std::make_shared<Calling>(loop, caller, next);
  const absl::Time end = absl::Now() + time;
  const std::function<void()> again = [&] {
    const absl::Time now = absl::Now();
    if (now < end) calling->Begin(now, again);
  };
  for (int i = 0; i < outstanding; ++i) again();
  loop.RunUntil(end);
  return calling->Finish();
}

CallsResult CallAtRate(Loop& loop, Caller& caller, double per_second, absl::Duration time,
                       uint64_t& next) {
  const auto calling = std::make_shared<Calling>(loop, caller, next);
  const auto count = static_cast<uint64_t>(per_second * absl::ToDoubleSeconds(time));
  Pace(loop, per_second, count,
       [&](uint64_t, absl::Time intended) { calling->Begin(intended, [] {}); });
  return calling->Finish();
}

CallsResult CallTimes(Loop& loop, Caller& caller, uint64_t count, int outstanding, uint64_t& next) {
  const auto calling = std::make_shared<Calling>(loop, caller, next);
  const uint64_t end = next + count;
  const std::function<void()> again = [&] {
    if (next < end) calling->Begin(absl::Now(), again);
  };
  for (uint64_t i = std::min<uint64_t>(outstanding, count); i > 0; --i) again();
  const absl::Duration limit = kPatience + absl::Milliseconds(1) * static_cast<int64_t>(count);
  loop.RunUntil([&] { return next >= end; }, limit);
  return calling->Finish();
}

void CallEach(Loop& loop, uint64_t count, int outstanding, CallFunction call) {
  FunctionCaller caller(std::move(call));
  uint64_t next = 0;
  const CallsResult result = CallTimes(loop, caller, count, outstanding, next);
  if (result.failed > 0) integration::Fail(result.first_error);
}

void Pace(Loop& loop, double per_second, uint64_t count,
          const std::function<void(uint64_t i, absl::Time intended)>& task) {
  const absl::Time begun = absl::Now();
  const absl::Duration interval = absl::Seconds(1) / per_second;
  for (uint64_t i = 0; i < count; ++i) {
    const absl::Time intended = begun + interval * static_cast<double>(i);
    if (absl::Now() < intended) loop.RunUntil(intended);
    task(i, intended);
  }
}

}  // namespace rollcall::bench
