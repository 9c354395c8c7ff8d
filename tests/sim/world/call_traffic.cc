#include "tests/sim/world/call_traffic.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

bool MayCall(const Process& process) {
  return process.alive && !process.stopping && process.client->watches() &&
         !process.client->frozen();
}

}  // namespace

void CallTraffic::Again() {
  if (turns_-- == 0) Choose();
  for (const Process* caller : busy_) {
    for (int i = 0; i < kCallsEach; ++i) {
      world_.After(random_.Between(absl::ZeroDuration(), kEvery), [this, caller] {
        if (MayCall(*caller)) Call(*caller);
      });
    }
  }
  world_.After(kEvery, [this] { Again(); });
}

void CallTraffic::Choose() {
  busy_.clear();
  turns_ = kTurns;
  std::vector<const Process*> callers;
  for (const auto& process : world_.processes()) {
    if (MayCall(*process)) callers.push_back(process.get());
  }
  if (callers.empty()) turns_ = 1;
  for (size_t i = 0; i < kBusy && !callers.empty(); ++i) {
    const auto chosen = callers.begin() + static_cast<ptrdiff_t>(random_.Below(callers.size()));
    busy_.push_back(*chosen);
    callers.erase(chosen);
  }
}

void CallTraffic::Call(const Process& caller) {
  auto call = std::make_shared<MadeCall>(
      MadeCall{caller, world_.now(), caller.client->stops(), {}, absl::OkStatus()});
  world_.TellCalling(*call);
  caller.client->caller().CallAsync(
      [this, call](const Attempt& attempt, Caller::Done done) {
        Try(call, attempt, std::move(done));
      },
      [this, call](absl::Status outcome) {
        call->outcome = std::move(outcome);
        world_.TellCalled(*call);
      });
}

void CallTraffic::Try(const std::shared_ptr<MadeCall>& call, const Attempt& attempt,
                      Caller::Done done) {
  call->tries.push_back({attempt.instance, world_.now(), std::nullopt});
  world_.TellTried(*call);
  // The first to settle it wins; an answer is taken by the process when it runs.
  auto settle = [call, done = std::make_shared<Caller::Done>(std::move(done)),
                 number = call->tries.size() - 1](absl::Status answer) {
    if (*done == nullptr || !call->caller.alive) return;
    call->tries[number].answer = answer;
    std::exchange(*done, nullptr)(std::move(answer));
  };
  base::Executor& executor = call->caller.client->executor();
  executor.PostAt(world_.now() + attempt.timeout,
                  [settle] { settle(absl::DeadlineExceededError("no answer in time")); });
  world_.After(Way(), [this, call, called = attempt.instance, &executor, settle] {
    if (!call->caller.alive) return;
    std::optional<absl::Status> answer = AnswerOf(call->caller, *called);
    if (!answer) return;
    executor.PostAt(world_.now() + Way(), [settle, answer = *answer] { settle(answer); });
  });
}

std::optional<absl::Status> CallTraffic::AnswerOf(const Process& caller, const Instance& called) {
  const Process* const process = At(caller.watches, called);
  const bool apart = process != nullptr && process->zone != caller.zone &&
                     (world_.CutOff(caller) || world_.CutOff(*process));
  if (apart) return std::nullopt;
  if (process == nullptr || !process->alive) return absl::UnavailableError("nobody listens");
  if (process->client->frozen()) return std::nullopt;
  return absl::OkStatus();
}

// The process that is meant; if nobody knows which that is, the newest that runs as this instance.
const Process* CallTraffic::At(const std::string& service, const Instance& called) {
  const Process* const newest = world_.Newest(absl::StrCat(service, "/", called.id));
  if (newest == nullptr || newest->lease_epoch == called.lease_epoch) return newest;
  for (const auto& process : world_.processes()) {
    const bool same = process->service == service && process->id == called.id;
    if (same && process->lease_epoch == called.lease_epoch) return process.get();
  }
  return newest;
}

absl::Duration CallTraffic::Way() {
  return random_.Between(absl::Microseconds(50), absl::Milliseconds(2));
}

}  // namespace rollcall::sim
