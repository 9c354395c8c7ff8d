#include "cli/bench/bench.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

constexpr absl::Duration kProgressEvery = absl::Milliseconds(250);
// Calls that this machine could not make within that time are not made up for: a bench that was
// suspended does not fall upon the registry when it wakes.
constexpr absl::Duration kTooLate = absl::Seconds(5);
// Calls that are not answered yet; no more are made.
constexpr uint64_t kMaxUnderWay = 20'000;

// Of calls that were not made at all.
constexpr char kLate[] = "not sent: this machine was late";
constexpr char kTooMany[] = "not sent: too many unanswered";

}  // namespace

Bench::Bench(Parts parts, Plan plan, Connections connections, Progress progress)
    : parts_(std::move(parts)),
      plan_(std::move(plan)),
      connections_(std::move(connections)),
      progress_(std::move(progress)),
      queue_(parts_.clock, parts_.timeout),
      sessions_(queue_, connections_.channels, plan_, parts_.random, parts_.client_name),
      heartbeats_(queue_, sessions_, connections_.channels),
      resolves_(queue_, connections_.channels, plan_.ns, Heartbeats::kService),
      registrations_(queue_, sessions_,
                     [this](const std::string& id, base::Instant at) {
                       here_.deliveries().Acknowledged(id, at);
                       if (connections_.other == nullptr) return;
                       elsewhere_.deliveries().Acknowledged(id, at);
                     }),
      here_(queue_),
      elsewhere_(queue_) {}

Bench::~Bench() { CancelStreams(); }

absl::StatusOr<BenchReport> Bench::Run() {
  const absl::Status set_up = SetUp();
  start_ = end_ = queue_.now();
  if (set_up.ok()) {
    Load();
    end_ = queue_.now();
    Settle();
  }
  // Calls have deadlines, so this ends; only then is it known what is there.
  queue_.TurnUntil([this] { return queue_.under_way() == 0; }, absl::InfiniteDuration());
  BenchReport report = Report();
  const absl::Status removed = sessions_.EndAll(connections_.other);
  CancelStreams();
  RETURN_IF_ERROR(set_up);
  report.left_behind = sessions_.left();
  report.why_left_behind = std::string(removed.message());
  return report;
}

absl::Status Bench::SetUp() {
  heartbeats_.Open(plan_.steady());
  const std::string& name = parts_.client_name;
  here_.Open(connections_.channels.front(), plan_.ns, Registrations::kService, name);
  if (connections_.other != nullptr) {
    elsewhere_.Open(connections_.other, plan_.ns, Registrations::kService, name);
  }
  const auto ready = [this] {
    return heartbeats_.ready() && here_.ready() &&
           (elsewhere_.ready() || connections_.other == nullptr);
  };
  queue_.TurnUntil([&] { return ready() || !Trouble().ok() || parts_.interrupt.requested(); },
                   parts_.timeout);
  RETURN_IF_ERROR(Trouble());
  if (!ready() && !parts_.interrupt.requested()) {
    return absl::DeadlineExceededError(
        "the registry did not open the sessions and watches in time");
  }
  // The first call on a connection costs more than the others.
  for (size_t i = 0; i < connections_.channels.size(); ++i) resolves_.Resolve(queue_.now());
  queue_.TurnUntil([this] { return queue_.under_way() == 0; }, absl::InfiniteDuration());
  resolves_.Forget();
  return absl::OkStatus();
}

absl::Status Bench::Trouble() {
  absl::Status status = heartbeats_.trouble();
  status.Update(here_.trouble());
  status.Update(elsewhere_.trouble());
  return status;
}

std::vector<Bench::Work> Bench::Works(base::Instant start) {
  const auto at = [&](uint64_t rate, absl::Duration later) {
    return Schedule(start + later, rate, plan_.time);
  };
  // Parts of a step apart, so that not all kinds are sent in the same moment.
  const absl::Duration step = absl::Seconds(1) / static_cast<double>(plan_.reads());
  std::vector<Work> works;
  works.push_back({at(plan_.rate, absl::ZeroDuration()), registrations_.registered(),
                   [this](base::Instant i) { registrations_.Register(i); }});
  works.push_back({at(plan_.rate, plan_.stay() + step / 4), registrations_.deregistered(),
                   [this](base::Instant i) { registrations_.Deregister(i); }});
  works.push_back({at(plan_.reads(), step / 2), resolves_.tally(),
                   [this](base::Instant i) { resolves_.Resolve(i); }});
  works.push_back({at(plan_.reads(), step * 3 / 4), heartbeats_.tally(),
                   [this](base::Instant i) { heartbeats_.Beat(i); }});
  return works;
}

void Bench::Load() {
  start_ = next_progress_ = queue_.now();
  std::vector<Work> works = Works(start_);
  while (!parts_.interrupt.requested()) {
    base::Instant next = base::Instant::InfiniteFuture();
    for (Work& work : works) {
      CallDue(work);
      next = std::min(next, work.schedule.next());
    }
    if (next == base::Instant::InfiniteFuture()) break;
    TellProgress();
    queue_.Turn(std::min(next, queue_.now() + kGlance));
  }
}

void Bench::CallDue(Work& work) {
  const base::Instant now = queue_.now();
  while (const auto intended = work.schedule.TakeDue(now)) {
    const absl::Duration late = now - *intended;
    late_.push_back(late);
    if (late > kTooLate) {
      work.tally.Failed(kLate);
    } else if (queue_.under_way() >= kMaxUnderWay) {
      work.tally.Failed(kTooMany);
    } else {
      work.call(*intended);
    }
  }
}

void Bench::TellProgress() {
  const base::Instant now = queue_.now();
  if (now < next_progress_) return;
  next_progress_ = now + kProgressEvery;
  uint64_t calls = 0;
  uint64_t failed = 0;
  for (const Tally* tally : {&registrations_.registered(), &registrations_.deregistered(),
                             &resolves_.tally(), &heartbeats_.tally()}) {
    calls += tally->done() + tally->failed();
    failed += tally->failed();
  }
  progress_(now - start_, calls, failed);
}

void Bench::Settle() {
  const auto settled = [this] {
    if (queue_.under_way() > 0) return false;
    return parts_.interrupt.requested() ||
           (heartbeats_.unanswered() == 0 && here_.deliveries().missing() == 0 &&
            elsewhere_.deliveries().missing() == 0);
  };
  queue_.TurnUntil(settled, parts_.timeout);
  if (parts_.interrupt.requested()) return;
  heartbeats_.GiveUp("not acknowledged");
  here_.GiveUp();
  elsewhere_.GiveUp();
}

void Bench::CancelStreams() {
  heartbeats_.Cancel();
  here_.Cancel();
  elsewhere_.Cancel();
  queue_.TurnUntil([this] { return heartbeats_.over() && here_.over() && elsewhere_.over(); },
                   absl::InfiniteDuration());
}

BenchReport Bench::Report() {
  BenchReport report;
  report.plan = plan_;
  report.target = connections_.target;
  report.took = end_ - start_;
  report.interrupted = parts_.interrupt.requested();
  report.late = PercentilesOf(late_);
  report.lines = {
      {"register", "register", plan_.rate, kGoodWrite, registrations_.registered()},
      {"deregister", "deregister", plan_.rate, kGoodWrite, registrations_.deregistered()},
      {"resolve", "resolve", plan_.reads(), kGoodRead, resolves_.tally()},
      {"heartbeat", "heartbeat", plan_.reads(), kGoodRead, heartbeats_.tally()}};
  AddDeliveries(here_, "watch_same_node", "watch, same node", kGoodDelivery, report);
  if (connections_.other != nullptr) {
    AddDeliveries(elsewhere_, "watch_other_node",
                  absl::StrCat("watch, ", connections_.target.other_node), kGoodDeliveryElsewhere,
                  report);
  }
  return report;
}

void Bench::AddDeliveries(DeliveryWatch& watch, const char* work, std::string title,
                          absl::Duration good, BenchReport& report) {
  report.lines.push_back({work, std::move(title), plan_.rate, good, watch.deliveries().tally()});
}

}  // namespace rollcall::cli
