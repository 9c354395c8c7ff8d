#include "client-sdk/src/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {
namespace {

constexpr size_t kMostInBatch = 500;
constexpr size_t kMostBatchBytes = 2 << 20;  // Half of what the server takes.
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(100);
constexpr absl::Duration kMostBackoff = absl::Seconds(5);
constexpr absl::Duration kFirstMoveBackoff = absl::Milliseconds(500);

// A registry that comes back gives every session its full TTL: whoever tries again within a
// fraction of that, however long the registry was away, is back in time. A fifth leaves room for
// several tries.
absl::Duration MostLinkBackoff(absl::Duration ttl) {
  return std::clamp(ttl / 5, kFirstBackoff, kMostBackoff);
}

// The stream that it has still serves; and when no server takes it, none of them may be able to.
absl::Duration MostMoveBackoff(absl::Duration ttl) {
  return std::clamp(ttl, absl::Seconds(1), absl::Seconds(30));
}

}  // namespace

Session::Session(CoreContext& context, absl::Duration ttl, absl::AnyInvocable<void()> on_gone)
    : context_(context),
      ttl_(ttl),
      on_gone_(std::move(on_gone)),
      request_backoff_(kFirstBackoff, kMostBackoff),
      move_backoff_(kFirstMoveBackoff, MostMoveBackoff(ttl)),
      link_backoff_(kFirstBackoff, MostLinkBackoff(ttl)),
      last_contact_(context.clock.Steady()) {
  Open();
}

Session::~Session() {
  if (pump_timer_) context_.executor.Cancel(*pump_timer_);
  if (link_timer_) context_.executor.Cancel(*link_timer_);
  if (move_timer_) context_.executor.Cancel(*move_timer_);
  if (overlap_timer_) context_.executor.Cancel(*overlap_timer_);
}

void Session::Open() {
  previous_id_ = std::move(id_);
  id_ = context_.random.Hex128();
  secret_ = context_.random.Hex128();
  opened_ = false;
}

void Session::Add(const std::string& key, std::shared_ptr<RegistrationHandle> handle,
                  v1::InstanceSpec spec) {
  Entry entry;
  entry.handle = std::move(handle);
  entry.spec = std::move(spec);
  entries_.emplace(key, std::move(entry));
  strays_.erase(key);
  PumpSoon();
}

void Session::Change(const std::string& key, absl::AnyInvocable<void(v1::InstanceSpec&)> change) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return;
  change(at->second.spec);
  if (at->second.drained_at) at->second.spec.set_weight(0);
  ++at->second.version;
  at->second.not_before = {};
  PumpSoon();
}

// Posted, not called: what the user does in one go becomes one request.
void Session::PumpSoon() {
  if (pump_posted_) return;
  pump_posted_ = true;
  context_.executor.Post(lifeline_.Guard([this] {
    pump_posted_ = false;
    Pump();
  }));
}

void Session::PumpAt(base::Instant when) {
  if (when == base::Instant::InfiniteFuture()) return;
  if (pump_timer_ && pump_timer_at_ <= when) return;
  if (pump_timer_) context_.executor.Cancel(*pump_timer_);
  pump_timer_at_ = when;
  pump_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    pump_timer_.reset();
    Pump();
  }));
}

void Session::Pump() {
  if (busy_ || phase_ == Phase::kGone) return;
  if (entries_.empty()) return EndIfEmpty();
  if (phase_ == Phase::kLost) return;
  if (context_.clock.Steady() < pump_not_before_) return PumpAt(pump_not_before_);
  if (phase_ == Phase::kActive) {
    std::vector<Sent> batch = NextBatch();
    if (!batch.empty()) return SendBatch(std::move(batch));
  }
  if (PumpRemovals()) return;
  base::Instant next = base::Instant::InfiniteFuture();
  for (const auto& [key, entry] : entries_) {
    if (entry.removing()) {
      next = std::min(next, entry.remove_at);
    } else if (entry.dirty() && phase_ == Phase::kActive) {
      next = std::min(next, entry.not_before);
    }
  }
  PumpAt(next);
}

std::vector<Session::Sent> Session::NextBatch() {
  const base::Instant now = context_.clock.Steady();
  std::vector<Sent> batch;
  size_t bytes = 0;
  for (const auto& [key, entry] : entries_) {
    const bool going = entry.removing() && entry.remove_at <= now;
    const bool due = entry.dirty() && !going && entry.not_before <= now;
    if (!due || (entry.alone && !batch.empty())) continue;
    bytes += entry.spec.ByteSizeLong();
    if (!batch.empty() && (batch.size() == kMostInBatch || bytes > kMostBatchBytes)) break;
    batch.push_back({key, entry.version});
    if (entry.alone) break;
  }
  return batch;
}

void Session::SendBatch(std::vector<Sent> batch) {
  v1::RegisterRequest request;
  request.set_session_id(id_);
  request.set_session_secret(secret_);
  DurationToProto(ttl_, *request.mutable_ttl());
  request.set_open(true);
  request.set_client_name(context_.client_name);
  for (const Sent& sent : batch) {
    Entry& entry = entries_.at(sent.key);
    entry.in_flight = true;
    *request.add_instances() = entry.spec;
  }
  busy_ = true;
  const std::string server = context_.servers.preferred();
  context_.transport.Register(server, std::move(request), context_.rpc_timeout,
                              lifeline_.Guard([this, server, id = id_, batch = std::move(batch)](
                                                  absl::StatusOr<v1::RegisterResponse> response) {
                                if (id != id_)
                                  response = absl::AbortedError("answer to a session that is lost");
                                OnRegistered(batch, server, std::move(response));
                              }));
}

void Session::OnRegistered(const std::vector<Sent>& batch, const std::string& server,
                           absl::StatusOr<v1::RegisterResponse> response) {
  busy_ = false;
  for (const Sent& sent : batch) {
    if (const auto at = entries_.find(sent.key); at != entries_.end()) at->second.in_flight = false;
  }
  const Verdict verdict = VerdictOf(response.status());
  if (verdict == Verdict::kServerFailed) {
    context_.servers.Failed(server);
  } else {
    context_.servers.Worked(server);
  }
  switch (verdict) {
    case Verdict::kOk:
      OnHeldByRegistry(batch, *response);
      break;
    case Verdict::kRefused:
      OnRefused(batch, response.status());
      break;
    case Verdict::kServerFailed:
    case Verdict::kTryAgain:
      MarkUnsure(batch, response.status());
      pump_not_before_ = context_.clock.Steady() + request_backoff_.Next(context_.random);
      break;
  }
  PumpSoon();
}

void Session::OnHeldByRegistry(const std::vector<Sent>& batch,
                               const v1::RegisterResponse& response) {
  opened_ = true;
  request_backoff_.Reset();
  last_contact_ = context_.clock.Steady();
  store_id_ = response.store_id();
  revision_ = response.revision();
  context_.last_seen.Note(store_id_, revision_);
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto at = entries_.find(batch[i].key);
    if (at == entries_.end() || at->second.superseded) continue;
    Entry& entry = at->second;
    entry.synced = batch[i].version;
    if (static_cast<int>(i) < response.lease_epochs_size()) {
      entry.lease_epoch = response.lease_epochs(static_cast<int>(i));
    }
    entry.unsure = false;
    entry.refusals.Reset();
    Report(entry, RegistrationState::kRegistered);
    entry.handle->first_outcome.Set(absl::OkStatus());
  }
  EnsureLink();
}

void Session::OnRefused(const std::vector<Sent>& batch, const absl::Status& status) {
  if (status.code() == absl::StatusCode::kFailedPrecondition && phase_ == Phase::kActive) {
    phase_ = Phase::kDoubting;
    doubted_ = batch;
    doubt_ = status;
    ReopenLink();
    return;
  }
  for (const Sent& sent : batch) {
    const auto at = entries_.find(sent.key);
    if (at == entries_.end()) continue;
    Entry& entry = at->second;
    entry.alone = true;
    if (batch.size() > 1) continue;  // One of them is at fault: ask for each on its own.
    entry.not_before =
        context_.clock.Steady() + absl::Seconds(1) + entry.refusals.Next(context_.random);
    context_.log.Error(absl::StrCat("the registry refuses instance \"", sent.key,
                                    "\": ", std::string(status.message())));
    Report(entry, RegistrationState::kRetrying, status);
    entry.handle->first_outcome.Set(status);
  }
}

void Session::MarkUnsure(const std::vector<Sent>& batch, const absl::Status& status) {
  const bool too_much = status.code() == absl::StatusCode::kResourceExhausted && batch.size() > 1;
  for (const Sent& sent : batch) {
    const auto at = entries_.find(sent.key);
    if (at == entries_.end()) continue;
    at->second.unsure = true;
    at->second.alone |= too_much;
    const bool held = at->second.synced != 0;
    Report(at->second, held ? RegistrationState::kRegistered : RegistrationState::kRetrying,
           status);
  }
}

void Session::Report(Entry& entry, RegistrationState state, absl::Status error) {
  entry.handle->Update({.state = state,
                        .last_error = std::move(error),
                        .lease_epoch = entry.lease_epoch,
                        .revision = revision_});
}

void Session::ReportAll(RegistrationState state, const absl::Status& error) {
  for (auto& [key, entry] : entries_) {
    if (!entry.superseded && entry.synced != 0) Report(entry, state, error);
  }
}

void Session::Supersede(Entry& entry, const absl::Status& why) {
  if (entry.superseded || MUTANT(superseded_fights_back)) return;
  entry.superseded = true;
  context_.log.Warning(absl::StrCat("instance \"", entry.handle->id, "\" of \"",
                                    entry.handle->service,
                                    "\" was taken over by another process and stays quiet"));
  Report(entry, RegistrationState::kSuperseded, why);
  entry.handle->first_outcome.Set(why);
}

}  // namespace rollcall::sdk
